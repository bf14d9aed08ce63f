from django.urls import path

from portal.people.pages import team

urlpatterns = [
    path("team/", team.show, name="team"),
    path("team/<int:company_id>/invitations/", team.invite, name="team-invite"),
    path("team/<int:company_id>/people/<int:membership_id>/", team.member, name="team-member"),
    path("team/<int:company_id>/people/<int:membership_id>/removal/", team.leave, name="team-leave"),
]

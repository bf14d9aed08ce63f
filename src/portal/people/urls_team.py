from django.urls import path

from portal.people.pages import colleagues

urlpatterns = [
    path("team/", colleagues.show, name="team"),
    path("team/<int:company_id>/invitations/", colleagues.invite, name="team-invite"),
    path("team/<int:company_id>/people/<int:membership_id>/", colleagues.member, name="team-member"),
    path("team/<int:company_id>/people/<int:membership_id>/removal/", colleagues.leave, name="team-leave"),
]

from django.urls import path

from portal.people.pages import companies, console, join, ownership, private, team, viewing

app_name = "people"
urlpatterns = [
    path("clients/", console.clients, name="clients"),
    path("clients/new/", console.new, name="new"),
    path("clients/<int:client_id>/", console.client, name="client"),
    path("clients/<int:client_id>/edit/", console.edit, name="edit"),
    path("clients/<int:client_id>/photo/", console.photo, name="photo"),
    path("clients/<int:client_id>/invitations/", console.invite, name="invite"),
    path(
        "clients/<int:client_id>/invitations/<int:invitation_id>/revocation/", console.revoke, name="revoke"
    ),
    path("clients/<int:client_id>/access/", console.access, name="access"),
    path("clients/<int:client_id>/removal/", console.remove, name="remove"),
    path("clients/<int:client_id>/restoration/", console.restore, name="restore"),
    path("private/<str:kind>/<int:pk>/", private.show, name="private"),
    path("companies/", companies.companies, name="companies"),
    path("companies/new/", companies.new, name="company-new"),
    path("companies/<int:company_id>/", companies.company, name="company"),
    path("companies/<int:company_id>/name/", companies.rename, name="company-name"),
    path("companies/<int:company_id>/people/new/", companies.add, name="company-add"),
    path("companies/<int:company_id>/people/<int:membership_id>/", companies.member, name="member"),
    path(
        "companies/<int:company_id>/people/<int:membership_id>/removal/", companies.leave, name="member-leave"
    ),
    path("clients/<int:client_id>/viewing/", viewing.ask, name="view-as"),
    path("viewings/<uuid:viewing_id>/", viewing.offer, name="offer-viewing"),
    path("team/", team.index, name="team"),
    path("team/settings/", team.save_settings, name="team-settings"),
    path("team/invitations/", team.invite, name="invite-staff"),
    path("team/invitations/<int:invitation_id>/sending/", team.resend, name="resend-staff"),
    path("team/invitations/<int:invitation_id>/revocation/", team.revoke, name="revoke-staff"),
    path("team/<int:staff_id>/", team.colleague, name="colleague"),
    path("team/<int:staff_id>/clients/", team.scope, name="scope"),
    path("team/<int:staff_id>/removal/", team.remove, name="remove-staff"),
    path("team/leave/", team.leave, name="leave"),
    path("team/ownership/", ownership.index, name="ownership"),
    path("team/ownership/acceptance/", ownership.accept, name="accept-ownership"),
    path("team/ownership/deletion/", ownership.end, name="end-ownership"),
    path("join/<str:token>/", join.show, name="join"),
    path("join/<str:token>/code/", join.code, name="join-code"),
]

from django.urls import path

from portal.people.pages import console, join, ownership, team, viewing

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

from django.urls import path

from portal.people.pages import console

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
]

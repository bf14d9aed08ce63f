from django.urls import path

from portal.people.pages import companies, console

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
    path("companies/", companies.companies, name="companies"),
    path("companies/new/", companies.new, name="company-new"),
    path("companies/<int:company_id>/", companies.company, name="company"),
    path("companies/<int:company_id>/name/", companies.rename, name="company-name"),
    path("companies/<int:company_id>/people/new/", companies.add, name="company-add"),
    path("companies/<int:company_id>/people/<int:membership_id>/", companies.member, name="member"),
    path(
        "companies/<int:company_id>/people/<int:membership_id>/removal/", companies.leave, name="member-leave"
    ),
]

from django.urls import path

from portal.people.pages import invitation

urlpatterns = [
    path("invitation/<str:token>/", invitation.show, name="invitation"),
    path("invitation/<str:token>/sign-in-link/", invitation.fresh_link, name="invitation-link"),
]

"""The apex: visitors, sign-up, health."""

from django.urls import include, path

from config import views

urlpatterns = [
    path("health/", views.health),
    path("", include("tenants.signup.urls")),
]
handler400, handler403 = "config.views.bad_request", "config.views.forbidden"
handler404, handler500 = "config.views.not_found", "config.views.server_error"

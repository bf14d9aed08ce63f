"""The console's host outside any agency: sign-in of staff, their agencies, operators, the API."""

from django.urls import include, path

from config import views
from config.api import api
from tenants.signup.site import favicon

urlpatterns = [
    path("health/", views.health),
    path("favicon.ico", favicon),
    # Before allauth's, so that ours win where both have a page.
    path("", include("tenants.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("operators/", include("tenants.operators.urls")),
    path("api/v1/", api.urls),
]
handler400, handler403 = "config.views.bad_request", "config.views.forbidden"
handler404, handler500 = "config.views.not_found", "config.views.server_error"

"""The apex: visitors, sign-up, health."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", views.health),
    path("", include("tenants.gateway.urls")),
    path("", include("tenants.openid.urls")),
    path("", include("tenants.signup.urls")),
]
if settings.PORTICO_DEMO:
    from ui.gallery import gallery

    urlpatterns.append(path("gallery/", gallery))
handler400, handler403 = "config.views.bad_request", "config.views.forbidden"
handler404, handler500 = "config.views.not_found", "config.views.server_error"

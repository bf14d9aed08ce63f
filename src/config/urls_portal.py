"""A portal: what clients see, in the agency's brand only."""

from django.urls import include, path

from portal.urls import module_urls

urlpatterns = [
    path("", include("portal.dashboard.urls_portal")),
    path("", include("portal.people.urls_portal")),
    path("", include("portal.branding.urls_portal")),
    path("", include("portal.payments.urls_portal")),
    path("", include("portal.waiting.urls_portal")),
    *module_urls("client"),
]
handler400, handler403 = "config.views.bad_request", "config.views.forbidden"
handler404, handler500 = "config.views.not_found", "config.views.server_error"

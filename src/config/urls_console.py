"""One agency's console. The routing middleware has already taken the slug off the path."""

from django.urls import include, path

from portal.urls import module_urls

urlpatterns = [
    path("", include("portal.dashboard.urls_console")),
    path("", include("portal.people.urls_console")),
    path("", include("portal.records.urls_console")),
    path("", include("portal.imports.urls_console")),
    path("", include("portal.branding.urls_console")),
    path("", include("portal.mail.urls_console")),
    path("", include("portal.apikeys.urls_console")),
    path("", include("portal.plan.urls_console")),
    path("", include("portal.archive.urls_console")),
    path("", include("portal.payments.urls_console")),
    path("", include("portal.entitlements.urls_console")),
    path("", include("portal.workflows.urls_console")),
    path("", include("portal.tasks.urls_console")),
    path("", include("portal.waiting.urls_console")),
    path("", include("portal.delivery.urls_console")),
    path("", include("portal.sender.urls_console")),
    *module_urls("console"),
]
handler400, handler403 = "config.views.bad_request", "config.views.forbidden"
handler404, handler500 = "config.views.not_found", "config.views.server_error"

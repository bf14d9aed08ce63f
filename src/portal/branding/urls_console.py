from django.urls import path, re_path

from portal.addresses import instruction_pages
from portal.addresses import pages as addresses
from portal.branding.pages import console

app_name = "branding"
urlpatterns = [
    path("branding/", console.show_look, name="index"),
    path("branding/portal/", console.show_portal, name="portal"),
    path("branding/sections/", console.show_sections, name="sections"),
    path("branding/domain/", addresses.show_all, name="domain"),
    path("branding/domain/<int:domain_id>/", addresses.show, name="domain-show"),
    path("branding/domain/<int:domain_id>/status/", addresses.status, name="domain-status"),
    re_path(
        r"^branding/domain/(?P<domain_id>\d{1,15})/(?P<what>verify|retry)/$", addresses.act, name="domain-act"
    ),
    path("branding/domain/<int:domain_id>/main/", addresses.make_primary, name="domain-primary"),
    path("branding/domain/<int:domain_id>/removal/", addresses.remove, name="domain-remove"),
    path("branding/domain/<int:domain_id>/instructions/", instruction_pages.send, name="domain-instructions"),
    path("branding/domain/<int:domain_id>/connect/", instruction_pages.connect, name="domain-connect"),
    path("branding/preview/", console.preview, name="preview"),
    path("branding/preview.css", console.preview_theme, name="preview-theme"),
    path("branding/palette/", console.palette, name="palette"),
    path("branding/theme.css", console.theme, name="theme"),
    path("branding/favicon/", console.favicon, name="favicon"),
    path("branding/<slug:name>/<uuid:upload_id>/", console.picture, name="picture"),
]

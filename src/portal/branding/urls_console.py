from django.urls import path

from portal.branding.pages import console

app_name = "branding"
urlpatterns = [
    path("branding/", console.show_look, name="index"),
    path("branding/portal/", console.show_portal, name="portal"),
    path("branding/sections/", console.show_sections, name="sections"),
    path("branding/domain/", console.show_domain, name="domain"),
    path("branding/preview/", console.preview, name="preview"),
    path("branding/preview.css", console.preview_theme, name="preview-theme"),
    path("branding/palette/", console.palette, name="palette"),
    path("branding/theme.css", console.theme, name="theme"),
    path("branding/favicon/", console.favicon, name="favicon"),
    path("branding/<slug:name>/<uuid:upload_id>/", console.picture, name="picture"),
]

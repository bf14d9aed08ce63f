from django.urls import path

from portal.branding.pages import portal

app_name = "branding"
urlpatterns = [
    path("theme.css", portal.theme, name="theme"),
    path("brand/favicon/", portal.favicon, name="favicon"),
    path("favicon.ico", portal.favicon),
    path("brand/logo/<uuid:upload_id>/", portal.logo, name="logo"),
    path("brand/login/<uuid:upload_id>/", portal.login_image, name="login-image"),
    path("manifest.webmanifest", portal.manifest, name="manifest"),
    path("robots.txt", portal.robots, name="robots"),
]

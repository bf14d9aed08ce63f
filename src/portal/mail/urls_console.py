from django.urls import path

from portal.mail import pages

app_name = "mail"
urlpatterns = [
    path("mails/", pages.index, name="index"),
    path("mails/<str:key>/<str:code>/", pages.edit, name="edit"),
    path("mails/<str:key>/<str:code>/preview/", pages.preview, name="preview"),
    path("mails/<str:key>/<str:code>/reset/", pages.reset, name="reset"),
    path("mails/<str:key>/<str:code>/versions/<int:version_id>/", pages.version, name="version"),
]

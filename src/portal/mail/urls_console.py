from django.urls import path

from portal.mail import pages

app_name = "mail"
urlpatterns = [
    path("mail-words/", pages.index, name="index"),
    path("mail-words/<str:key>/<str:code>/", pages.edit, name="edit"),
    path("mail-words/<str:key>/<str:code>/preview/", pages.preview, name="preview"),
    path("mail-words/<str:key>/<str:code>/reset/", pages.reset, name="reset"),
    path("mail-words/<str:key>/<str:code>/versions/<int:version_id>/", pages.version, name="version"),
]

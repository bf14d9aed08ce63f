from django.urls import path

from portal.sender import pages

app_name = "sender"
urlpatterns = [
    path("mails/sending/", pages.index, name="index"),
    path("mails/sending/domain/", pages.name_domain, name="domain"),
    path("mails/sending/domain/look/", pages.verify, name="verify"),
    path("mails/sending/domain/removal/", pages.remove, name="remove"),
]

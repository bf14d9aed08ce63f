from django.urls import path

from portal.dashboard import pages

urlpatterns = [
    path("", pages.console_home, name="home"),
    path("checklist/", pages.hide_checklist, name="hide-checklist"),
]

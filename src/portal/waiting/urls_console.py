from django.urls import path

from portal.waiting import pages

app_name = "waiting"
urlpatterns = [path("to-do/weekly-mail/", pages.weekly, name="weekly")]

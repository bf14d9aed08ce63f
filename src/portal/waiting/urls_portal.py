from django.urls import path

from portal.waiting import pages

app_name = "waiting"
urlpatterns = [
    path("waiting/hand-over/", pages.hand_on, name="hand-on"),
    path("waiting/return/", pages.take_back, name="take-back"),
]

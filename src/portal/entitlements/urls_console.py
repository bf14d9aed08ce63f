from django.urls import path

from portal.entitlements import pages

app_name = "entitlements"
urlpatterns = [
    path("entitlements/", pages.index, name="index"),
    path("entitlements/new/", pages.new, name="new"),
    path("entitlements/<int:pk>/", pages.show, name="show"),
    path("entitlements/<int:pk>/last-day/", pages.last_day, name="last-day"),
    path("entitlements/<int:pk>/end/", pages.end, name="end"),
    path("entitlements/<int:pk>/pause/", pages.pause, name="pause"),
    path("entitlements/<int:pk>/resumption/", pages.resume, name="resume"),
]

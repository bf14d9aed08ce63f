from django.urls import path

from portal.archive import pages

app_name = "archive"
urlpatterns = [
    path("plan/everything/", pages.index, name="index"),
    path("plan/everything/collect/", pages.ask, name="ask"),
    path("plan/everything/<uuid:uid>/<int:number>/", pages.part, name="part"),
]

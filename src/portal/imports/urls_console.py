from django.urls import path

from portal.imports import pages

app_name = "imports"
urlpatterns = [
    path("clients/imports/", pages.index, name="index"),
    path("clients/imports/<int:pk>/", pages.show, name="show"),
    path("clients/imports/<int:pk>/columns/", pages.columns, name="columns"),
    path("clients/imports/<int:pk>/broken/", pages.broken, name="broken"),
    path("clients/imports/<int:pk>/start/", pages.start, name="start"),
    path("clients/imports/<int:pk>/undo/", pages.undo, name="undo"),
]

from django.urls import path

from portal.tasks import pages

app_name = "tasks"
urlpatterns = [
    path("to-do/", pages.index, name="index"),
    path("to-do/new/", pages.new, name="new"),
    path("to-do/<int:pk>/", pages.show, name="show"),
    path("to-do/<int:pk>/completion/", pages.completion, name="completion"),
]

from django.urls import path

from portal.people.pages import viewing

urlpatterns = [
    path("viewing/arrive/<uuid:viewing_id>/", viewing.arrive, name="arrive-viewing"),
    path("viewing/begin/<str:code>/", viewing.begin, name="begin-viewing"),
    path("viewing/end/", viewing.end, name="end-viewing"),
]

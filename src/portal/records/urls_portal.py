from django.urls import path

from portal.records.pages import erasure

app_name = "records"
urlpatterns = [path("profile/requests/", erasure.ask, name="ask")]

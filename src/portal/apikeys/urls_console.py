from django.urls import path

from portal.apikeys import pages

app_name = "apikeys"
urlpatterns = [
    path("api-keys/", pages.index, name="index"),
    path("api-keys/new/", pages.new, name="new"),
    path("api-keys/<int:key_id>/revocation/", pages.revocation, name="revocation"),
]

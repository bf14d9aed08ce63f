from django.urls import path

from tenants.openid import pages

app_name = "openid"
urlpatterns = [path("google/callback/", pages.callback, name="callback")]

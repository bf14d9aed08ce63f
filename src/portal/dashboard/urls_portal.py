from django.urls import path

from portal.dashboard import pages

urlpatterns = [path("", pages.portal_home, name="home")]

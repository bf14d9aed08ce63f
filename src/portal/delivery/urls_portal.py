from django.urls import path

from portal.delivery.pages import portal

app_name = "delivery"
urlpatterns = [path("unsubscribe/<str:name>/", portal.unsubscribe, name="unsubscribe")]

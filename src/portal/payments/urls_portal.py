from django.urls import path

from portal.payments.pages import client

app_name = "payments"
urlpatterns = [
    path("payments/<uuid:uid>/", client.pay, name="pay"),
    path("payments/<uuid:uid>/done/", client.done, name="done"),
]

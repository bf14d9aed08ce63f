from django.urls import path

from tenants.gateway import webhooks

app_name = "gateway"
urlpatterns = [
    path("stripe/webhooks/platform/", webhooks.platform, name="platform-webhook"),
    path("stripe/webhooks/connect/", webhooks.connect, name="connect-webhook"),
]

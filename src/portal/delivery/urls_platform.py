from django.urls import path

from portal.delivery import services

urlpatterns = [path("mail/webhooks/<slug:service>/", services.webhook)]

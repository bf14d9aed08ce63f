from django.apps import AppConfig


class SenderConfig(AppConfig):
    name = "portal.sender"
    label = "sender"

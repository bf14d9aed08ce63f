from django.apps import AppConfig


class WaitingConfig(AppConfig):
    name = "portal.waiting"
    label = "waiting"

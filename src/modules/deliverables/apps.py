from django.apps import AppConfig


class DeliverablesConfig(AppConfig):
    name = "modules.deliverables"
    label = "deliverables"

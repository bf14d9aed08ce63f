from django.apps import AppConfig


class RatelimitsConfig(AppConfig):
    name = "tenants.ratelimits"
    label = "ratelimits"

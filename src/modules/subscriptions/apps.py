from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "modules.subscriptions"
    label = "subscriptions"

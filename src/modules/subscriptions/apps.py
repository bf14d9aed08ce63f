from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "modules.subscriptions"
    label = "subscriptions"

    def ready(self) -> None:
        # `operations` registers what hears Stripe's events when it is loaded.
        from modules.subscriptions.operations import Purchase, relying  # noqa: F401
        from portal.entitlements import things
        from portal.payments.payables import payable

        things.given_by("subscriptions.subscription", view="subscriptions:show")
        payable("subscriptions.subscription")(Purchase)

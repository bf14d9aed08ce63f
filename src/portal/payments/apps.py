from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "portal.payments"
    label = "payments"

    def ready(self) -> None:
        from portal.payments import inbox

        inbox.connect()

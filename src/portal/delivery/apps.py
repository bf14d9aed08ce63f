from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "portal.delivery"
    label = "delivery"

    def ready(self) -> None:
        from portal.delivery import services  # noqa: F401 (it hears Anymail's signal)

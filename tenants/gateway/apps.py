from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "tenants.gateway"
    label = "gateway"

    def ready(self) -> None:
        from tenants.gateway import accounts, checks  # noqa: F401 (they register themselves)

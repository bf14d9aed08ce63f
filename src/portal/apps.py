from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from portal import registry, seeding  # noqa: F401 (registers what fills a new schema)

        registry.discover()

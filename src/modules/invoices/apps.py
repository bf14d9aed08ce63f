from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "modules.invoices"
    label = "invoices"

    def ready(self) -> None:
        from modules.invoices.operations import payable, relying  # noqa: F401  (they register themselves)

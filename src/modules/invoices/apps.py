from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "modules.invoices"
    label = "invoices"

    def ready(self) -> None:
        from modules.invoices import payable  # noqa: F401  (registers itself)

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "modules.invoices"
    label = "invoices"

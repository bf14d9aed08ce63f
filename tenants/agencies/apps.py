from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    name = "tenants.agencies"
    label = "agencies"

from django.apps import AppConfig


class OpenIdConfig(AppConfig):
    name = "tenants.openid"
    label = "openid"

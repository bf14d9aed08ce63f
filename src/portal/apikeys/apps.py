from django.apps import AppConfig


class ApikeysConfig(AppConfig):
    name = "portal.apikeys"
    label = "apikeys"

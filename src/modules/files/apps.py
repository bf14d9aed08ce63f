from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "modules.files"
    label = "files"

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Style sheets, scripts, icons, template tags and form widgets."""

    name = "ui"

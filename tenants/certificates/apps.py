from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "tenants.certificates"

    def ready(self) -> None:
        # Registers the check.
        from tenants.certificates import checks  # noqa: F401

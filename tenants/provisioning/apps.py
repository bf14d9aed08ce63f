from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    name = "tenants.provisioning"
    label = "provisioning"

    def ready(self) -> None:
        # Registers the check.
        from tenants.provisioning import checks  # noqa: F401

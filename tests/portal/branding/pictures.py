"""Putting pictures into an agency's settings, and reading what it has."""

from typing import Any

from portal.audit.models import AuditEntry
from portal.branding.models import PortalSettings
from portal.uploads.models import Upload
from portal.uploads.operations import store_image
from tenants.agencies.current import CurrentAgency, inside
from tests.portal.uploads import samples


def hang(agency: CurrentAgency, *names: str) -> dict[str, Upload]:
    """Give the agency a picture for each of `names` (fields of the settings)."""
    with inside(agency):
        made = {name: store_image(samples.uploaded(samples.picture(), f"{name}.png")) for name in names}
        PortalSettings.objects.filter(pk=1).update(**made)
    return made


def settings_of(agency: CurrentAgency) -> PortalSettings:
    """The settings as they are stored now."""
    with inside(agency):
        return PortalSettings.objects.get(pk=1)


def set_settings(agency: CurrentAgency, **values: Any) -> None:
    """Change the settings behind everybody's back."""
    with inside(agency):
        PortalSettings.objects.filter(pk=1).update(**values)


def recorded(agency: CurrentAgency, verb: str) -> list[AuditEntry]:
    """The audit log's entries of this verb, oldest first."""
    with inside(agency):
        return list(AuditEntry.objects.filter(verb=verb).order_by("pk"))

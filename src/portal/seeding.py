"""What a new agency's schema holds from the first moment: its settings, the founder, one example client."""

from typing import Any

from portal.branding.models import PortalSettings
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency
from tenants.provisioning.operations import on_schema_gone, on_schema_ready


@on_schema_ready
def seed(agency: CurrentAgency, founder: dict[str, Any]) -> None:
    """Runs inside the new agency, in the transaction that makes it. No sample data that would be in the way."""
    PortalSettings.objects.create(pk=1, support_email=founder["email"])
    Staff.objects.create(
        account_id=founder["account_id"], name=founder["name"], email=founder["email"], role=Staff.Role.OWNER
    )
    Client.objects.create(email=second_address(founder["email"]), name="Example client", is_example=True)


@on_schema_gone
def remove_files(schema_name: str) -> None:
    """What an agency stored goes with it: nothing points there any more."""
    from portal.uploads.orphans import remove_all_of

    remove_all_of(schema_name)


def second_address(email: str) -> str:
    """A second address of the same person: alice@x.com → alice+client@x.com (RFC 5233 sub-addressing)."""
    name, _, domain = email.rpartition("@")
    return f"{name.partition('+')[0]}+client@{domain}"

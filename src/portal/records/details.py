"""What staff set of a client beside name and access: lead, phone, language, zone, do not disturb, own fields."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kit import clock
from portal.audit.operations import record
from portal.http import Request
from portal.module import Charge
from portal.people import charge
from portal.people.access import need_manager, remove_access
from portal.people.models import Client, Staff
from portal.records.fields import set_values

NAMES = ("phone", "language", "zone", "wants_marketing", "lead")


@transaction.atomic
def set_details(
    client: Client,
    wanted: Mapping[str, Any],
    custom: Mapping[int, str],
    *,
    by: Staff | None,
    request: Request | None = None,
) -> None:
    """Change what is named in `wanted` (see NAMES) and the own fields in `custom`, or nothing of it.

    Raises:
        portal.records.fields.NotValid: a value does not fit its field.
        NotServed: the new lead does not see this client.
    """
    locked = Client.objects.select_for_update(of=("self",)).select_related("lead").get(pk=client.pk)
    change = {}
    for name in NAMES:
        if name in wanted and getattr(locked, name) != wanted[name]:
            change[name] = [_plain(getattr(locked, name)), _plain(wanted[name])]
            setattr(locked, name, wanted[name])
    if "lead" in change:
        charge.need(locked.lead, locked, field="lead")
    if change:
        locked.save(update_fields=list(change))
        words = f"{locked}: {', '.join(name.replace('_', ' ') for name in change)} changed"
        record("records.details_changed", locked, by=by, summary=words, change=change, request=request)
    set_values(locked, custom, by=by, request=request)


@transaction.atomic
def archive(client: Client, *, ends_access: bool, by: Staff | None, request: Request | None = None) -> None:
    """Take a client out of the lists; access stays unless it is to end. Twice is as good as once.

    Raises:
        NotAllowed: `by` is a member.
    """
    need_manager(by)
    if ends_access:
        remove_access(client, by=by, request=request)
    if Client.objects.filter(pk=client.pk, archived_at=None).update(archived_at=clock.now()):
        record("records.archived", client, by=by, summary=f"{client} archived", request=request)


@transaction.atomic
def unarchive(client: Client, *, by: Staff | None, request: Request | None = None) -> None:
    """Back in the lists. Access that ended stays ended.

    Raises:
        NotAllowed: `by` is a member.
    """
    need_manager(by)
    if Client.objects.filter(pk=client.pk, archived_at__isnull=False).update(archived_at=None):
        record(
            "records.unarchived", client, by=by, summary=f"{client} is back from the archive", request=request
        )


def charges_of(staff: Staff) -> list[Charge]:
    """The clients whom this member of staff leads."""
    led = Client.objects.filter(lead=staff, erased_at=None)
    return [Charge(client, f"the client {client.shown_name}") for client in led.order_by("name", "pk")]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Staff) else value

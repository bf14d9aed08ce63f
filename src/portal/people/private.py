"""Records of a company that only some of its people see."""

from collections.abc import Collection

from django.db import transaction

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client, Staff
from portal.people.owned import OwnedRecord


class NotPrivate(Refused):
    """A lone client's records are its own already."""

    words = "This belongs to one client, and nobody else sees it."


class NotTheirs(Refused):
    """Somebody who does not act for the company was chosen."""

    words = "Choose people who act for this company."
    field = "people"


@transaction.atomic
def keep_private(
    owned: OwnedRecord, people: Collection[Client], *, by: Staff | None, request: Request | None = None
) -> None:
    """Let only these of the company's people see a record; nobody chosen: all see it.

    What they may do with it stays a question of their rights: this takes away, it never gives.

    Raises:
        NotPrivate: the record belongs to a lone client.
        NotTheirs: somebody does not act for the company.
    """
    held = type(owned)._default_manager.select_for_update().get(pk=owned.pk)
    if held.company_id is None:
        raise NotPrivate
    wanted = sorted({client.pk for client in people})
    known = Client.objects.filter(memberships__company=held.company_id, pk__in=wanted)
    if known.count() != len(wanted):
        raise NotTheirs
    if wanted == sorted(held.private_to):
        return
    change = {"private_to": [sorted(held.private_to), wanted]}
    held.private_to = wanted
    held.save(update_fields=["private_to"])
    names = ", ".join(str(client) for client in known.order_by("name", "pk")) or f"all of {held.company}"
    summary = f"“{held}” is for {names}"
    record("people.kept_private", held, by=by, summary=summary, change=change, request=request)

"""What the console's pages show of entitlements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from kit import clock
from kit.paging import Page, page_by_id
from portal.audit.models import AuditEntry
from portal.entitlements import things
from portal.entitlements.models import Entitlement
from portal.people.models import Client, Staff

PAGE_SIZE = 50
FILTERS = {"": "Open now", "hand": "Given by hand", "paused": "Paused", "over": "Ended", "all": "All"}


@dataclass(frozen=True)
class Row:
    """An entitlement in words."""

    entitlement: Entitlement
    name: str
    words: str
    tone: str
    is_standing: bool

    @property
    def source_url(self) -> str:
        """The console's page of what gave it; empty if there is none."""
        return things.source_url(self.entitlement.source)

    @property
    def pk(self) -> int:
        return self.entitlement.pk

    @property
    def why(self) -> str:
        """Bought: Website care."""
        one = self.entitlement
        return f"{one.get_reason_display()}: {one.note}" if one.note else str(one.get_reason_display())

    @property
    def ends_at(self) -> datetime | None:
        """When it closed, or will; None: for good."""
        return self.entitlement.ended_at or self.entitlement.until


def page_of(
    staff: Staff, *, which: str, words: str, client: Client | None, cursor: str | None
) -> tuple[list[Row], str | None]:
    """One page, newest first, and the cursor of the next. `which` is a key of FILTERS.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    page: Page[Any] = page_by_id(_found(staff, which, words, client), cursor=cursor, size=PAGE_SIZE)
    return rows_of(page.rows), page.next_cursor


def rows_of(found: Sequence[Entitlement] | QuerySet[Any]) -> list[Row]:
    """Each with its name and state."""
    names = things.names_of(one.key for one in found)
    return [Row(one, names[one.key], *_state(one), is_standing=not _is_over(one)) for one in found]


def of_client(client: Client, staff: Staff, most: int = 6) -> dict[str, Any]:
    """What one client may use, alone or through a company, and whether there is more than is shown."""
    found = (
        Entitlement.objects.served_by(staff).visible_to(client).standing().select_related("company", "client")
    )
    rows = rows_of(list(found.order_by("-pk")[: most + 1]))
    return {"rows": rows[:most], "is_more": len(rows) > most, "client": client}


def history_of(row: Entitlement) -> list[AuditEntry]:
    """What happened to it, the newest first."""
    return list(AuditEntry.objects.filter(subject=f"entitlement:{row.pk}").order_by("-pk")[:50])


def _found(staff: Staff, which: str, words: str, client: Client | None) -> QuerySet[Any]:
    found = Entitlement.objects.served_by(staff)
    if client is not None:
        found = found.visible_to(client)
    if which == "hand":
        found = found.standing().filter(reason=Entitlement.Reason.HAND)
    elif which == "paused":
        found = found.standing().filter(paused_at__isnull=False)
    elif which == "over":
        run_out = Q(until__lte=clock.now(), paused_at__isnull=True)
        found = found.filter(Q(ended_at__isnull=False) | run_out)
    elif which != "all":
        found = found.standing().filter(paused_at__isnull=True)
    for word in words.split()[:6]:
        found = found.filter(
            Q(key__icontains=word)
            | Q(note__icontains=word)
            | Q(company__name__icontains=word)
            | Q(client__name__icontains=word)
            | Q(client__email__icontains=word)
        )
    return found.select_related("company", "client")


def _is_over(one: Entitlement) -> bool:
    run_out = one.until is not None and one.until <= clock.now() and one.paused_at is None
    return one.ended_at is not None or run_out


def _state(one: Entitlement) -> tuple[str, str]:
    if _is_over(one):
        return "Ended", ""
    if one.paused_at is not None:
        return "Paused", "notice"
    if one.since > clock.now():
        return "Not yet", "notice"
    return ("Limited", "warning") if one.limited_at else ("Open", "positive")

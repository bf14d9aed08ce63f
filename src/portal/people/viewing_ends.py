"""How a look at the portal as a client ends, and that each end is written down once, whoever or whatever ends it."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.formats import date_format

from kit import clock
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import ViewAs
from portal.people.models.viewing import ViewAsQuerySet
from tenants.agencies.current import current_agency

MOST_AT_ONCE = 500


@transaction.atomic
def end(row: ViewAs, *, why: str = "", request: Request | None = None) -> bool:
    """End one that runs, now; whether it did run until now.

    Args:
        why: what ended it, if nobody chose to.
    """
    if not ViewAs.objects.live().filter(pk=row.pk).update(ended_at=clock.now()):
        return False
    _record(row, f": {why}" if why else "", request)
    return True


@transaction.atomic
def end_all(found: ViewAsQuerySet, *, why: str) -> None:
    """End these now, whatever has become of them: running, over already, or only asked for."""
    end_those_over(found)
    for row in found.live().select_related("staff", "client"):
        end(row, why=why)
    found.filter(ended_at=None).update(ended_at=clock.now())


def end_those_over(found: ViewAsQuerySet | None = None) -> int:
    """Write down those that ended by themselves, with the moment at which they did; how many."""
    asked = ViewAs.objects.all() if found is None else found
    over = asked.filter(begun_at__isnull=False, ended_at=None, expires_at__lte=clock.now())
    rows = over.select_related("staff", "client").order_by("expires_at")[:MOST_AT_ONCE]
    return sum(_end_by_itself(row) for row in rows)


@transaction.atomic
def _end_by_itself(row: ViewAs) -> bool:
    # Asked again with the change: two who come at once write one entry.
    if not ViewAs.objects.filter(pk=row.pk, ended_at=None).update(ended_at=F("expires_at")):
        return False
    _record(row, f": it ended by itself on {_moment(row.expires_at)}", None)
    return True


def _record(row: ViewAs, how: str, request: Request | None) -> None:
    summary = f"{row.staff} stopped seeing the portal as {row.client}{how}"
    record("people.viewing_ended", row.client, by=row.staff, summary=summary, request=request)


def _moment(at: datetime | None) -> str:
    return date_format(at.astimezone(current_agency().tzinfo), "j M Y, H:i") if at else ""

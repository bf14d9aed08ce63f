"""What staff give and take by hand. What was bought follows its purchase and is not changed here."""

from datetime import date, datetime, time
from uuid import uuid4

from django.db import transaction

from kit import clock
from kit.refused import NotValid, Refused
from portal.audit.operations import record
from portal.entitlements import operations
from portal.entitlements.models import Entitlement
from portal.entitlements.operations import Owner
from portal.entitlements.queries import of_owner
from portal.http import Request
from portal.people.models import Staff
from tenants.agencies.current import current_agency

SOURCE = "portal.hand"


class NotByHand(Refused):
    """It follows a purchase or a workflow: change that instead."""

    words = "This was not given by hand. It follows what gave it."


class IsOver(Refused):
    """It ended already."""

    words = "This has ended already."


def last_moment(day: date) -> datetime:
    """The end of a day in the agency's zone."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=current_agency().tzinfo)


@transaction.atomic
def give(
    *,
    owner: Owner,
    key: str,
    until: date | None = None,
    note: str = "",
    by: Staff,
    request: Request | None = None,
) -> Entitlement:
    """Let somebody use something, to the end of `until` (None: for good).

    Raises:
        NotValid: no such key, the day is over, or it was given by hand already.
    """
    if until is not None and until < current_agency().today():
        raise NotValid("This day is over. Choose today or a later one.", field="until")
    if "\x00" in note:
        raise NotValid("This holds a character that cannot be stored.", field="note")
    try:
        operations.check_key(key)
    except NotValid as refused:
        raise NotValid(refused.words, field="key") from refused
    type(owner)._default_manager.select_for_update(no_key=True).get(pk=owner.pk)
    if of_owner(owner).standing().filter(key=key, reason=Entitlement.Reason.HAND).exists():
        raise NotValid("This was given by hand already. Change its last day instead.", field="key")
    return operations.grant(
        owner=owner,
        key=key,
        source=f"{SOURCE}:{uuid4().hex[:16]}",
        reason=Entitlement.Reason.HAND,
        until=last_moment(until) if until else None,
        note=note,
        by=by,
        request=request,
    )


@transaction.atomic
def move_end(row: Entitlement, *, until: date | None, by: Staff, request: Request | None = None) -> None:
    """Another last day; None: for good.

    Raises:
        NotByHand, IsOver: it is not ours to change.
        NotValid: the day is over.
    """
    held = _held(row)
    if until is not None and until < current_agency().today():
        raise NotValid("This day is over. End it instead.", field="until")
    before, held.until = held.until, last_moment(until) if until else None
    held.save(update_fields=["until"])
    words = f"until {until:%-d %b %Y}" if until else "without an end"
    record(
        "entitlements.moved",
        held,
        by=by,
        summary=f"{held.key} of {held.owner} is open {words}",
        change={"until": [before and before.isoformat(), until and until.isoformat()]},
        request=request,
    )


@transaction.atomic
def end(row: Entitlement, *, by: Staff, request: Request | None = None) -> None:
    """Close it now. Raises NotByHand, IsOver."""
    operations.revoke(source=_held(row).source, by=by, request=request)


@transaction.atomic
def pause(row: Entitlement, *, by: Staff, request: Request | None = None) -> None:
    """Close it for now; its time stands still. Raises NotByHand, IsOver."""
    operations.pause(source=_held(row).source, by=by, request=request)


@transaction.atomic
def resume(row: Entitlement, *, by: Staff, request: Request | None = None) -> None:
    """Open it again, for as long as was left. Raises NotByHand, IsOver."""
    operations.resume(source=_held(row).source, by=by, request=request)


def _held(row: Entitlement) -> Entitlement:
    held: Entitlement = Entitlement.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if held.reason != Entitlement.Reason.HAND:
        raise NotByHand
    is_run_out = held.until is not None and held.until <= clock.now() and held.paused_at is None
    if held.ended_at is not None or is_run_out:
        raise IsOver
    return held

"""Decisions: given by reviewers, taken back until they are locked, locked for good."""

from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.deliverables import emails
from modules.deliverables.models import Decision, Deliverable, State, Version
from modules.deliverables.operations.checks import (
    NotAllowed,
    check_open,
    hold,
    hold_open,
    needs_interactive_plan,
    newest_shown,
)
from modules.deliverables.operations.settling import settle
from modules.deliverables.queries import people
from modules.deliverables.queries.hashes import version_sha256
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff

CLOSED_WORDS = {
    State.CHANGES: "Changes were already requested for this version. The next one is being made.",
    State.APPROVED: "This is already approved.",
    State.WITHDRAWN: "This was withdrawn, so there is nothing to decide.",
}


@transaction.atomic
def decide(
    version: Version, *, client: Client, verdict: str, reason: str = "", trail: Trail | None = None
) -> Decision:
    """Approve a version, or request changes with the reason. The same decision twice is one decision.

    Raises:
        NotInPlan, NotAllowed: the plan takes no decisions; this client's decision is not asked.
        NotValid: changes without a reason; `field` is `reason`.
        Locked, WrongState: locked; withdrawn, already decided, or not the newest version shown.
    """
    needs_interactive_plan()
    reason = _checked(verdict, reason)
    held = hold(version.deliverable)
    if not people.may_decide(client, held):
        raise NotAllowed
    fresh = held.versions.shown().filter(pk=version.pk).first()
    if fresh is None:
        raise WrongState("This version is not shown for review.")
    standing = fresh.decisions.standing().filter(client=client).first()
    if standing is not None and standing.verdict == verdict:
        return standing
    check_open(held)
    _check_asked(held, fresh, standing)
    decision = Decision.objects.create(
        version=fresh, client=client, verdict=verdict, reason=reason, version_sha256=version_sha256(fresh)
    )
    settle(held, by=client)
    summary = f"{decision.get_verdict_display()}: version {fresh.number} of {held}"
    record(f"deliverables.{verdict}", decision, by=client, summary=summary, **(trail or {}))
    emails.tell_decided(decision)
    return decision


@transaction.atomic
def undo_decision(deliverable: Deliverable, *, client: Client, trail: Trail | None = None) -> Decision:
    """Take the client's own decision back, as long as nothing is locked and no newer version is out.

    Raises:
        NotInPlan: the plan takes no decisions.
        Locked: it is too late.
        WrongState: there is no decision to take back, or the agency already works on the next version.
    """
    needs_interactive_plan()
    held = hold_open(deliverable)
    version = newest_shown(held)
    standing = version.decisions.standing().filter(client=client).first() if version else None
    if standing is None:
        raise WrongState("There is no decision of yours to take back.")
    if held.state not in (State.READY, State.CHANGES, State.APPROVED):
        raise WrongState("The next version is already being made, so this cannot be taken back.")
    standing.undone_at = clock.now()
    standing.save(update_fields=["undone_at"])
    settle(held, by=client)
    summary = f"Took back “{standing.get_verdict_display()}” on version {standing.version.number} of {held}"
    record("deliverables.decision_undone", standing, by=client, summary=summary, **(trail or {}))
    emails.tell_undone(standing)
    return standing


@transaction.atomic
def lock_now(deliverable: Deliverable, *, by: Staff | None, trail: Trail | None = None) -> Deliverable:
    """Lock an approved deliverable without waiting for the time to undo to pass. Twice is once.

    Raises:
        WrongState: it is not approved.
    """
    held = hold(deliverable)
    if held.state != State.APPROVED:
        raise WrongState("Only an approved deliverable can be locked.")
    if held.locked_version_id is None:
        if not held.is_locked:
            held.locks_at = clock.now()
        _lock(held, by=by, trail=trail)
    return held


def lock_due() -> int:
    """Seal all whose time to undo is over; how many. Safe to run twice, and by two workers at once."""
    due = Deliverable.objects.filter(locks_at__lte=clock.now(), locked_version__isnull=True)
    return sum(_lock_one(deliverable) for deliverable in due.order_by("locks_at")[:500])


@transaction.atomic
def _lock_one(deliverable: Deliverable) -> bool:
    held = hold(deliverable)
    if held.locked_version_id is not None or not held.is_locked:
        return False
    _lock(held, by=None, trail=None)
    return True


def _lock(held: Deliverable, *, by: Staff | None, trail: Trail | None) -> None:
    version = newest_shown(held)
    if version is None:  # cannot be: only a shown version is approved
        raise WrongState("There is no version to lock.")
    version.locked_at, version.locked_sha256 = held.locks_at, version_sha256(version)
    version.save(update_fields=["locked_at", "locked_sha256"])
    held.locked_version = version
    held.save(update_fields=["locks_at", "locked_version"])
    change: dict[str, Any] = {"sha256": ["", version.locked_sha256]}
    summary = f"Locked version {version.number} of {held}, sha256 {version.locked_sha256}"
    record("deliverables.locked", version, by=by, summary=summary, change=change, **(trail or {}))
    publish("deliverables.locked", deliverable_id=held.pk, version_id=version.pk)


def _checked(verdict: str, reason: str) -> str:
    if verdict not in Decision.Verdict.values:
        raise NotValid("Choose to approve or to request changes.", field="verdict")
    demand = "Say what should change." if verdict == Decision.Verdict.CHANGES else ""
    return text_of(reason, field="reason", demand=demand)


def _check_asked(held: Deliverable, version: Version, standing: Decision | None) -> None:
    """Raises unless this version waits for a decision, and for this client's."""
    if version != newest_shown(held):
        raise WrongState("There is a newer version. Please look at that one.")
    if held.state != State.READY:
        raise WrongState(CLOSED_WORDS.get(State(held.state), "This is not open for decisions at the moment."))
    if standing is not None:
        raise WrongState("You have already decided. Take that back first.")

"""What staff do with a deliverable as a whole: internal review, ready for review, withdraw, take up again."""

from django.db import transaction

from kit import clock
from kit.refused import WrongState
from modules.deliverables import emails
from modules.deliverables.models import Deliverable, State, Version
from modules.deliverables.operations.checks import hold_open, move
from modules.deliverables.operations.settling import verdict
from modules.deliverables.queries import people
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Staff


@transaction.atomic
def start_internal_review(
    deliverable: Deliverable, *, by: Staff | None, trail: Trail | None = None
) -> Deliverable:
    """Let colleagues look first. Clients see nothing of it.

    Raises:
        Locked, WrongState: it is approved, withdrawn or with the clients already.
    """
    held = hold_open(deliverable)
    if held.state == State.INTERNAL_REVIEW:
        return held
    if not held.versions.filter(shown_at__isnull=True).exists():
        raise WrongState("Upload a version first, then review it among you.")
    move(
        held, State.INTERNAL_REVIEW, "It is with the clients or closed, so there is nothing to review first."
    )
    held.save(update_fields=["state"])
    summary = f"Began the internal review of {held}"
    record("deliverables.internal_review", held, by=by, summary=summary, **(trail or {}))
    return held


@transaction.atomic
def mark_ready(deliverable: Deliverable, *, by: Staff | None, trail: Trail | None = None) -> Version:
    """Show the newest version to the clients and mail its reviewers. Twice is once.

    Raises:
        Locked: it is approved.
        WrongState: there is no version, or it is withdrawn.
    """
    held = hold_open(deliverable)
    version = held.versions.order_by("-number").first()
    if version is None:
        raise WrongState("Upload a version first; then it can be shown to the client.")
    if version.shown_at is not None:
        if held.state == State.READY:
            return version
        raise WrongState("The client has seen this version. Upload the next one first.")
    move(held, State.READY, "It is approved or withdrawn, so it cannot be shown for review.")
    version.shown_at = clock.now()
    version.save(update_fields=["shown_at"])
    held.save(update_fields=["state"])
    _tell(held, version, by, trail)
    return version


@transaction.atomic
def withdraw(deliverable: Deliverable, *, by: Staff | None, trail: Trail | None = None) -> Deliverable:
    """Take it back from review. Clients who saw it see that it is withdrawn; nobody decides any more.

    Raises:
        Locked, WrongState: it is approved.
    """
    held = hold_open(deliverable)
    if held.state == State.WITHDRAWN:
        return held
    move(held, State.WITHDRAWN, "It is approved. Only the client can take that back, while there is time.")
    held.save(update_fields=["state"])
    record("deliverables.withdrawn", held, by=by, summary=f"Withdrew {held}", **(trail or {}))
    return held


@transaction.atomic
def restore(deliverable: Deliverable, *, by: Staff | None, trail: Trail | None = None) -> Deliverable:
    """Take a withdrawn deliverable up again: where it was, or as a draft when clients have not seen the newest version.

    Raises:
        WrongState: it is not withdrawn.
    """
    held = hold_open(deliverable)
    if held.state != State.WITHDRAWN:
        raise WrongState("It is not withdrawn.")
    newest = held.versions.order_by("-number").first()
    was_shown = newest is not None and newest.shown_at is not None
    move(held, verdict(held, newest) if newest and was_shown else State.DRAFT, "It cannot be taken up again.")
    held.save(update_fields=["state"])
    record("deliverables.restored", held, by=by, summary=f"Took up {held} again", **(trail or {}))
    return held


def _tell(held: Deliverable, version: Version, by: Staff | None, trail: Trail | None) -> None:
    summary = f"Showed version {version.number} of {held} for review"
    record("deliverables.ready", version, by=by, summary=summary, **(trail or {}))
    publish("deliverables.ready", deliverable_id=held.pk, version_id=version.pk)
    emails.tell_ready(version, people.reviewers_to_tell(held))

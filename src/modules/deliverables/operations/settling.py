"""What the standing decisions make of a deliverable. Called with its row held, after each that counts."""

from kit import clock
from modules.deliverables.models import UNDO_WINDOW, Decision, Deliverable, State, Version
from modules.deliverables.operations.checks import newest_shown
from modules.deliverables.queries import people
from portal.events import publish
from portal.people.models import Client, Staff

REVIEWED = {State.READY, State.CHANGES, State.APPROVED}


def settle(held: Deliverable, *, by: Client | Staff | None) -> None:
    """Bring the state in line with the decisions on the version that clients look at, and save.

    One request for changes is enough to end a round; approval takes one or all of those whose decision
    counts, by the deliverable's rule. An approval begins its time to undo here.
    """
    version = newest_shown(held)
    if version is None or held.state not in REVIEWED:
        return
    before, after = held.state, verdict(held, version)
    if before == after:
        return
    held.rounds_used += (after == State.CHANGES) - (before == State.CHANGES)
    held.state = after
    held.locks_at = clock.now() + UNDO_WINDOW if after == State.APPROVED else None
    held.save(update_fields=["state", "rounds_used", "locks_at"])
    if after != State.READY:
        publish(f"deliverables.{after.value}", deliverable_id=held.pk, version_id=version.pk)


def verdict(held: Deliverable, version: Version) -> State:
    """What the standing decisions on a version say."""
    standing = list(version.decisions.standing())
    if any(decision.verdict == Decision.Verdict.CHANGES for decision in standing):
        return State.CHANGES
    approved = {decision.client_id for decision in standing}
    if held.rule == Deliverable.Rule.ANY:
        return State.APPROVED if approved else State.READY
    wanted = {client.pk for client in people.deciders(held)}
    # An approval stands even when its giver lost access since; somebody must have approved at all.
    return State.APPROVED if approved and wanted <= approved else State.READY

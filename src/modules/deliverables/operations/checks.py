"""The refusals that operations share, and the row that all of them hold first."""

from datetime import date

from kit.refused import NotValid, Refused, WrongState
from modules.deliverables import lives
from modules.deliverables.models import Deliverable, State, Version
from portal.agency import current_agency

CAPABILITY = "deliverables.approve"
LONGEST_TEXT = 10_000


class NotAllowed(Refused):
    """This person may not do this; what they see does not change that."""

    words = "You may look at this, but the decision is with others."


class NotInPlan(NotAllowed):
    """The agency's plan shows deliverables, it does not take decisions or comments."""

    words = "Decisions and comments are not taken here. Please answer in the way you are used to."


class Archived(Refused):
    """The project is only read."""

    words = "This project is archived, so nothing about it is changed or decided any more."


class Locked(Refused):
    """Approved and locked: nothing about it changes any more."""

    words = "This is approved and locked. Nothing about it can be changed any more."


def hold(deliverable: Deliverable) -> Deliverable:
    """The deliverable as it is now, held until the transaction ends.

    Every change takes this row first, so that two people who decide, upload or withdraw at once queue up
    here and the second finds what the first did.
    """
    held: Deliverable = (
        Deliverable.objects.select_for_update(of=("self",))
        .select_related("project__company", "project__client", "project__lead")
        .get(pk=deliverable.pk)
    )
    return held


def hold_open(deliverable: Deliverable) -> Deliverable:
    """The same, of one that can still change.

    Raises:
        Locked: it is approved, and the time to undo is over.
        Archived: its project is.
    """
    held = hold(deliverable)
    check_open(held)
    return held


def check_open(held: Deliverable) -> None:
    """Raises Locked or Archived."""
    if held.is_locked:
        raise Locked
    if held.project.archived_at is not None:
        raise Archived


def move(held: Deliverable, state: State, words: str) -> None:
    """Bring a held deliverable into a state; the caller saves it.

    Raises:
        WrongState: the life of a deliverable does not lead there, said with `words`.
    """
    if not lives.may_go(held.state, state):
        raise WrongState(words)
    held.state = state


def newest_shown(deliverable: Deliverable) -> Version | None:
    """The version that clients look at now."""
    return deliverable.versions.shown().order_by("-number").first()


def needs_interactive_plan() -> None:
    """Raises NotInPlan unless the agency's plan takes decisions and comments of clients."""
    if not current_agency().has(CAPABILITY):
        raise NotInPlan


def due_date(due_on: date | None, before: date | None = None) -> date | None:
    """A due date that may still be kept.

    Raises:
        NotValid: it is newly set to a day that is over.
    """
    if due_on is not None and due_on != before and due_on < current_agency().today():
        raise NotValid("This day is over. Choose today or later.", field="due_on")
    return due_on

"""What becomes of a thread as a whole: taken up, put off, settled, opened again, rated."""

from datetime import date

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from modules.feedback import emails
from modules.feedback.models import Rating, State, Thread
from modules.feedback.operations.asking import ask, rest
from modules.feedback.operations.checks import NotAllowed, answer_due, hold, move, needs_sight
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff


@transaction.atomic
def take_up(thread: Thread, *, by: Staff | None, trail: Trail | None = None) -> Thread:
    """Say that it is being worked on; wakes a snoozed one. Twice is once.

    Raises:
        WrongState: it is resolved.
    """
    held = hold(thread)
    if held.state == State.OPEN:
        return held
    move(held, State.OPEN, "It is resolved. Open it again first.")
    held.save()
    ask(held)
    record("feedback.taken_up", held, by=by, summary=f"Took up {held}", **(trail or {}))
    return held


@transaction.atomic
def snooze(thread: Thread, until: date, *, by: Staff | None, trail: Trail | None = None) -> Thread:
    """Put it off: out of the lists and the assignee's tasks until that day, or until the client writes.

    Raises:
        NotValid: the day is not in the future.
        WrongState: it is resolved.
    """
    if until <= current_agency().today():
        raise NotValid("Choose a day after today.", field="until")
    held = hold(thread)
    move(held, State.SNOOZED, "It is resolved, so there is nothing to put off.")
    held.snoozed_until = until
    held.save()
    rest(held, by=by)
    summary = f"Put off {held} until {until:%-d %B %Y}"
    record("feedback.snoozed", held, by=by, summary=summary, **(trail or {}))
    return held


def wake_due() -> int:
    """Bring back what was put off until today; how many."""
    today = current_agency().today()
    due = Thread.objects.filter(state=State.SNOOZED, snoozed_until__lte=today)
    return sum(_wake(thread, today) for thread in due.order_by("pk"))


@transaction.atomic
def resolve(thread: Thread, *, by: Staff | None, trail: Trail | None = None) -> Thread:
    """Settle it: its task is done, and the client is told and asked how it was. Twice is once."""
    held = hold(thread)
    if held.state == State.RESOLVED:
        return held
    move(held, State.RESOLVED)
    held.save()
    rest(held, by=by)
    publish("feedback.resolved", thread_id=held.pk, client_id=held.author_id)
    record("feedback.resolved", held, by=by, summary=f"Resolved {held}", **(trail or {}))
    emails.tell_resolved(held, None)
    return held


@transaction.atomic
def reopen(thread: Thread, *, by: Staff | Client | None, trail: Trail | None = None) -> Thread:
    """Open a settled thread again; it becomes a task anew. Twice is once.

    Raises:
        NotAllowed: a client who does not see it.
    """
    held = hold(thread)
    if isinstance(by, Client):
        needs_sight(held, by)
    if held.state != State.RESOLVED:
        return held
    move(held, State.REOPENED)
    held.answer_due_at = answer_due(clock.now())
    held.save()
    ask(held)
    record("feedback.reopened", held, by=by, summary=f"Opened {held} again", **(trail or {}))
    if isinstance(by, Client):
        emails.tell_reopened(held, by)
    return held


@transaction.atomic
def rate(thread: Thread, rating: str, *, client: Client, trail: Trail | None = None) -> Thread:
    """How it was settled, said by who wrote it; may be said anew until it is opened again.

    Raises:
        NotAllowed: the client did not write it, does not see it any more, or has no access.
        NotValid: it is none of the three.
        WrongState: it is not resolved.
    """
    held = hold(thread)
    needs_sight(held, client)
    if held.author_id != client.pk:
        raise NotAllowed("Whoever wrote this is asked how it went.")
    if rating not in Rating.values:
        raise NotValid("Choose one of the three.", field="rating")
    if held.state != State.RESOLVED:
        raise WrongState("This is open again, so it is too early to say how it went.")
    before, held.rating, held.rated_at = held.rating, rating, clock.now()
    held.save(update_fields=["rating", "rated_at"])
    if before != rating:
        summary = f"Rated {held}: {Rating(rating).label.lower()}"
        record(
            "feedback.rated",
            held,
            by=client,
            summary=summary,
            change={"rating": [before, rating]},
            **(trail or {}),
        )
    return held


@transaction.atomic
def _wake(thread: Thread, today: date) -> bool:
    held = hold(thread)
    if held.state != State.SNOOZED or held.snoozed_until is None or held.snoozed_until > today:
        return False
    move(held, State.OPEN)
    held.answer_due_at = answer_due(clock.now())
    held.save()
    ask(held)
    record("feedback.woken", held, summary=f"{held} is back")
    return True

"""Whose work a thread is, what it is tagged with, and which threads are one."""

from collections.abc import Iterable

from django.db import transaction

from kit.refused import NotValid
from modules.feedback import emails
from modules.feedback.models import Entry, IncomingMail, State, Thread
from modules.feedback.operations.asking import ask, hand_on, rest
from modules.feedback.operations.checks import hold, set_state
from portal.audit.operations import Trail, record
from portal.people import charge
from portal.people.models import Staff

MOST_TAGS = 10
LONGEST_TAG = 30


@transaction.atomic
def assign(thread: Thread, to: Staff, *, by: Staff, trail: Trail | None = None) -> Thread:
    """Make it the work of somebody else, who gets a mail. Twice is once.

    Raises:
        NotValid: this person works here no more.
        NotServed: this person does not see whose thread it is.
    """
    if not to.is_active:
        raise NotValid("Choose somebody who works here.", field="assignee")
    held = hold(thread)
    if held.assignee_id == to.pk:
        return held
    charge.need(to, held.owner, field="to")
    before = str(held.assignee or "")
    held.assignee = to
    held.save(update_fields=["assignee"])
    hand_on(held, by=by)
    summary = f"Handed {held} to {to}"
    change = {"assignee": [before, str(to)]}
    record("feedback.assigned", held, by=by, summary=summary, change=change, **(trail or {}))
    if to.pk != by.pk:
        emails.tell_assigned(held, by)
    return held


@transaction.atomic
def set_tags(thread: Thread, tags: Iterable[str], *, by: Staff, trail: Trail | None = None) -> Thread:
    """Replace its tags; they are short words in lower case, each once.

    Raises:
        NotValid: too many, or one that is too long.
    """
    wanted = list(dict.fromkeys(filter(None, (" ".join(tag.casefold().split()) for tag in tags))))
    if len(wanted) > MOST_TAGS:
        raise NotValid(f"At most {MOST_TAGS} tags.", field="tags")
    if any(len(tag) > LONGEST_TAG or not tag.isprintable() for tag in wanted):
        raise NotValid(f"A tag has at most {LONGEST_TAG} characters.", field="tags")
    held = hold(thread)
    if held.tags != wanted:
        change = {"tags": [held.tags, wanted]}
        held.tags = wanted
        held.save(update_fields=["tags"])
        record("feedback.tagged", held, by=by, summary=f"Tagged {held}", change=change, **(trail or {}))
    return held


@transaction.atomic
def merge(gone: Thread, *, into: Thread, by: Staff, trail: Trail | None = None) -> Thread:
    """Move all that was said in one thread into another one; links and addresses of the old one lead to the new.

    Raises:
        NotValid: it is the same thread, or one of somebody else or with other readers: what was said to few
            would be read by more.
    """
    # Always the older row first, so that two merges cross-wise do not wait for each other.
    first, second = sorted((gone, into), key=lambda thread: thread.pk)
    held_first, held_second = hold(first), hold(second)
    kept, old = (held_second, held_first) if into.pk == second.pk else (held_first, held_second)
    _check_one(kept, old)
    Entry.objects.filter(thread=old).update(thread=kept)
    known = IncomingMail.objects.filter(thread=kept).values("message_id")
    IncomingMail.objects.filter(thread=old).exclude(message_id__in=known).update(thread=kept)
    Thread.objects.filter(merged_into=old).update(merged_into=kept)
    if kept.state == State.RESOLVED and old.state != State.RESOLVED:
        set_state(kept, State.REOPENED)
    dues = [due for due in (kept.answer_due_at, old.answer_due_at) if due]
    kept.answer_due_at = min(dues) if dues and kept.state in Thread.ON_US else None
    kept.last_said_at = max(kept.last_said_at, old.last_said_at)
    kept.tags = list(dict.fromkeys([*kept.tags, *old.tags]))[:MOST_TAGS]
    kept.save()
    set_state(old, State.RESOLVED)
    old.merged_into = kept
    old.save()
    rest(old, by=by)
    if kept.state in Thread.ON_US:
        ask(kept)
    record("feedback.merged", kept, by=by, summary=f"Merged {old} into {kept}", **(trail or {}))
    return kept


def _check_one(kept: Thread, old: Thread) -> None:
    if kept.pk == old.pk:
        raise NotValid("Choose another conversation than this one.", field="into")
    if kept.author_id != old.author_id:
        raise NotValid("Only conversations of the same client can be merged.", field="into")
    if _readers(kept) != _readers(old):
        raise NotValid("Not the same people read the two, so they stay apart.", field="into")


def _readers(thread: Thread) -> tuple[int | None, int | None, list[int]]:
    return thread.company_id, thread.client_id, sorted(thread.private_to)

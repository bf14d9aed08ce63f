"""What is said in a thread: by clients, by staff, and among staff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kit.refused import NotValid
from modules.feedback import emails, lives
from modules.feedback.models import Entry, State, Thread
from modules.feedback.operations.asking import ask, ask_mentioned, rest
from modules.feedback.operations.checks import (
    answer_due,
    hold,
    move,
    needs_sight,
    say,
    set_state,
    stored,
    text_of,
)
from modules.feedback.queries.people import active_staff
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people import charge
from portal.people.models import Client, Staff
from portal.uploads.models import Upload

AFTERWARDS = (State.WAITING, State.OPEN, State.RESOLVED)
_MENTION = re.compile(r"(?<![\w@.])@([\w.’'-]+)")


def reply_as_client(
    thread: Thread,
    *,
    client: Client,
    text: str,
    files: Sequence[UploadedFile[Any]] = (),
    trail: Trail | None = None,
) -> Entry:
    """Say more. A resolved thread is opened again, a snoozed one comes back; whoever answers it is mailed.

    Raises:
        NotAllowed: the client does not see the thread, or has no access.
        NotValid: no text, or files that are refused; `field` says which.
    """
    needs_sight(thread, client)
    text = text_of(text)
    with stored(files) as uploads:
        return add_of_client(thread, client=client, text=text, uploads=uploads, trail=trail)


@transaction.atomic
def add_of_client(
    thread: Thread,
    *,
    client: Client,
    text: str,
    uploads: Sequence[Upload],
    is_by_mail: bool = False,
    trail: Trail | None = None,
) -> Entry:
    """The same with files that are stored already: the road of mails."""
    held = hold(thread)
    needs_sight(held, client)
    entry = say(held, text, uploads, client=client, is_by_mail=is_by_mail)
    before = held.state
    set_state(held, State(lives.AFTER_CLIENT[before]))
    held.answer_due_at = held.answer_due_at or answer_due(entry.created_at)
    held.save()
    ask(held)
    publish("feedback.replied", thread_id=held.pk, entry_id=entry.pk, client_id=client.pk, by="client")
    did = "Opened again" if before == State.RESOLVED else "Wrote in"
    record("feedback.replied", held, by=client, summary=f"{did} {held}", **(trail or {}))
    emails.tell_staff(held, entry)
    return entry


def reply_as_staff(
    thread: Thread,
    *,
    by: Staff,
    text: str,
    files: Sequence[UploadedFile[Any]] = (),
    then: str = State.WAITING,
    trail: Trail | None = None,
) -> Entry:
    """Answer the client, who is mailed.

    Args:
        then: the state afterwards: it waits for the client, stays open, or is resolved.

    Raises:
        NotValid: no text, or files that are refused; `field` says which.
    """
    text = text_of(text)
    if then not in AFTERWARDS:
        raise NotValid("Choose what comes next.", field="then")
    with stored(files) as uploads:
        return add_of_staff(thread, by=by, text=text, uploads=uploads, then=State(then), trail=trail)


@transaction.atomic
def add_of_staff(
    thread: Thread,
    *,
    by: Staff,
    text: str,
    uploads: Sequence[Upload],
    then: State = State.WAITING,
    is_by_mail: bool = False,
    trail: Trail | None = None,
) -> Entry:
    """The same with files that are stored already: the road of mails."""
    held = hold(thread)
    entry = say(held, text, uploads, staff=by, is_by_mail=is_by_mail)
    was_resolved = held.state == State.RESOLVED
    # A word after it was settled does not ask the client for anything.
    set_state(held, State.RESOLVED if was_resolved else then)
    held.answer_due_at = None
    held.save()
    if held.state == State.OPEN:
        ask(held)
    else:
        rest(held, by=by)
    publish("feedback.replied", thread_id=held.pk, entry_id=entry.pk, client_id=held.author_id, by="staff")
    record("feedback.replied", held, by=by, summary=f"Answered {held}", **(trail or {}))
    if held.state == State.RESOLVED and not was_resolved:
        publish("feedback.resolved", thread_id=held.pk, client_id=held.author_id)
        record("feedback.resolved", held, by=by, summary=f"Resolved {held}", **(trail or {}))
        emails.tell_resolved(held, entry)
    else:
        emails.tell_clients(held, entry)
    return entry


def add_note(
    thread: Thread,
    *,
    by: Staff,
    text: str,
    files: Sequence[UploadedFile[Any]] = (),
    trail: Trail | None = None,
) -> Entry:
    """Say something among staff: no client ever reads it. Whoever is named with @ gets a mail and a task.

    Raises:
        NotValid: no text, files that are refused, or an @name of several colleagues or of one who may not see the
            thread; `field` says which.
    """
    text = text_of(text)
    named = mentioned_in(text)
    for staff in named:
        if charge.able(staff, thread.owner) is None:
            raise charge.refusal(staff, thread.owner, field="text")
    with stored(files) as uploads:
        return _note(thread, by, text, uploads, named, trail)


@transaction.atomic
def _note(
    thread: Thread,
    by: Staff,
    text: str,
    uploads: Sequence[Upload],
    named: Iterable[Staff],
    trail: Trail | None,
) -> Entry:
    held = hold(thread)
    entry = say(held, text, uploads, staff=by, is_internal=True)
    if held.state == State.NEW:
        move(held, State.OPEN)
        held.save(update_fields=["state"])
    record("feedback.noted", held, by=by, summary=f"Left a note on {held}", **(trail or {}))
    for staff in named:
        if staff.pk != by.pk:
            ask_mentioned(held, staff, entry_id=entry.pk, by=by)
            emails.tell_mentioned(held, entry, staff)
    return entry


def mentioned_in(text: str) -> list[Staff]:
    """The colleagues that are named with @: by the first word of the name, or by what stands before the address's @.

    Raises:
        NotValid: two colleagues answer to this name.
    """
    named: list[Staff] = []
    for word in dict.fromkeys(match.casefold().rstrip(".") for match in _MENTION.findall(text)):
        fitting = [staff for staff in active_staff() if word in _names_of(staff)]
        if len(fitting) > 1:
            several = " or ".join(f"@{staff.email.partition('@')[0]}" for staff in fitting)
            raise NotValid(f"@{word} is the name of several: write {several}.", field="text")
        named += [staff for staff in fitting if staff not in named]
    return named


def _names_of(staff: Staff) -> set[str]:
    words = staff.name.casefold().split()
    return {*words[:1], "".join(words), staff.email.partition("@")[0].casefold()}

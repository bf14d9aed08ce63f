"""Answers by mail: kept first, then read, then taken, held back for staff, refused or ignored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from kit import clock
from kit.refused import WrongState
from modules.feedback import emails
from modules.feedback.models import Entry, IncomingMail, Thread
from modules.feedback.operations.checks import LONGEST_TEXT, RULE, NotAllowed, discard_all, hold, store_some
from modules.feedback.operations.reading import ReadMail, Unread, read_mail
from modules.feedback.operations.replying import add_of_client, add_of_staff
from modules.feedback.queries.addresses import read_key
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.people.models import Client, Staff
from portal.uploads.models import Upload
from portal.uploads.operations import in_words

MOST_TRIES = 5
MOST_PER_HOUR = 20
CUT = "\n\n(The rest of this mail was too long.)"
State = IncomingMail.State


@dataclass(frozen=True)
class Decision:
    """What becomes of a mail that is not taken, and why."""

    state: IncomingMail.State
    reason: str


def keep_mail(key: str, raw: bytes, sender: str) -> IncomingMail | None:
    """Keep a mail that reached an address of ours; None when thread or person are gone, so nobody could read it."""
    named = read_key(key)
    if named is None:
        return None
    thread, person = named
    return IncomingMail.objects.create(
        thread=thread.merged_into or thread,
        client=person if isinstance(person, Client) else None,
        staff=person if isinstance(person, Staff) else None,
        raw=raw,
        envelope=sender[:320],
    )


def read_kept(mail_id: int) -> None:
    """Read a mail that was kept, and take it or say why not. Again is nothing more.

    Raises:
        Exception: whatever went wrong; from the fifth time on it is held back for staff instead.
    """
    mail = _loaded(mail_id)
    if mail is None or mail.state != State.RECEIVED:
        return
    IncomingMail.objects.filter(pk=mail.pk).update(attempts=F("attempts") + 1)
    try:
        said = read_mail(bytes(mail.raw))
        _note(mail, said)
        if decision := judge(mail, said):
            _settle(mail, decision)
        else:
            _take(mail, said)
    except Exception:
        if mail.attempts + 1 < MOST_TRIES:
            raise
        _settle(
            mail, Decision(State.HELD, "It could not be read by itself. Look at it, then accept or discard.")
        )


def judge(mail: IncomingMail, said: ReadMail) -> Decision | None:
    """Why this mail is not taken as it is; None: it is."""
    if not mail.envelope or said.is_automatic or _is_own(said):
        return Decision(State.IGNORED, "An automatic mail: a loop would begin here.")
    if not _may_write(mail):
        return Decision(State.REFUSED, f"{mail.person} does not see this conversation any more.")
    agency = current_agency()
    if not agency.has("feedback") or agency.is_read_only:
        return Decision(State.HELD, "Feedback was not open when this came.")
    if said.sender.casefold() != mail.person.email.casefold():
        return Decision(State.HELD, f"It came to the address of {mail.person}, but from another one.")
    if not said.text and not said.files:
        return Decision(State.HELD, "It holds nothing that could be read.")
    lately = clock.now() - timedelta(hours=1)
    taken = IncomingMail.objects.filter(thread=mail.thread, state=State.TAKEN, created_at__gte=lately)
    if taken.count() >= MOST_PER_HOUR:
        return Decision(State.HELD, f"More than {MOST_PER_HOUR} mails came within an hour.")
    return None


def accept(mail: IncomingMail, *, by: Staff, trail: Trail | None = None) -> Entry:
    """Take a mail that was held back. What somebody else wrote says so.

    Raises:
        WrongState: somebody decided about it already.
        NotAllowed: whom it was for does not see the conversation any more.
    """
    held = _loaded(mail.pk)
    if held is None or held.state != State.HELD:
        raise WrongState("This mail is decided about already.")
    if not _may_write(held):
        raise NotAllowed(f"{held.person} does not see this conversation any more.")
    try:
        said = read_mail(bytes(held.raw))
    except Unread as error:
        raise WrongState("This mail cannot be read at all. Ask for it again, then discard it.") from error
    if said.sender.casefold() != held.person.email.casefold():
        said = ReadMail(**{**said.__dict__, "text": f"{said.sender} wrote by mail:\n\n{said.text}"})
    entry = _take(held, said, by=by)
    if entry is None:
        raise WrongState("This mail is decided about already.")
    summary = f"Took a mail of {said.sender or 'nobody'} that was held back"
    record("feedback.mail_accepted", entry.thread, by=by, summary=summary, **(trail or {}))
    return entry


@transaction.atomic
def throw_away(mail: IncomingMail, *, by: Staff, trail: Trail | None = None) -> None:
    """Discard a mail that was held back. Twice is once."""
    held = IncomingMail.objects.filter(pk=mail.pk, state=State.HELD)
    if held.update(state=State.DISCARDED, raw=b"", decided_by=by):
        summary = f"Discarded a mail of {mail.sender or 'nobody'} that was held back"
        record("feedback.mail_discarded", mail.thread, by=by, summary=summary, **(trail or {}))


def _take(mail: IncomingMail, said: ReadMail, *, by: Staff | None = None) -> Entry | None:
    """Files first, outside of any transaction; then the entry and the mail's new state together."""
    uploads, refused = store_some(said.files)
    try:
        entry = _append(mail, said, uploads, by)
    except Exception:
        discard_all(uploads)
        raise
    if entry is None:
        discard_all(uploads)
    elif refused:
        with transaction.atomic():
            emails.tell_not_attached(entry.thread, mail.person, refused, in_words(RULE.limit))
    return entry


@transaction.atomic
def _append(mail: IncomingMail, said: ReadMail, uploads: list[Upload], by: Staff | None) -> Entry | None:
    thread = hold(mail.thread)
    now = IncomingMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if now.state not in (State.RECEIVED, State.HELD):
        return None
    twice = IncomingMail.objects.filter(thread=thread, message_id=said.message_id, state=State.TAKEN)
    if twice.exists():
        _settle(mail, Decision(State.IGNORED, "The same mail came before."))
        return None
    entry = _add(mail, thread, _fitting(said.text), uploads)
    IncomingMail.objects.filter(pk=mail.pk).update(
        thread=thread, state=State.TAKEN, entry=entry, raw=b"", reason="", decided_by=by
    )
    return entry


def _add(mail: IncomingMail, thread: Thread, text: str, uploads: list[Upload]) -> Entry:
    if mail.client is not None:
        return add_of_client(thread, client=mail.client, text=text, uploads=uploads, is_by_mail=True)
    assert mail.staff is not None, "a mail is of one person"
    return add_of_staff(thread, by=mail.staff, text=text, uploads=uploads, is_by_mail=True)


def _note(mail: IncomingMail, said: ReadMail) -> None:
    IncomingMail.objects.filter(pk=mail.pk).update(
        message_id=said.message_id,
        sender=said.sender,
        subject=said.subject,
        excerpt=" ".join(said.text.split())[:300],
    )


def _settle(mail: IncomingMail, decision: Decision) -> None:
    """The state in which a mail stays; only a held one is still needed as it came."""
    kept = {} if decision.state == State.HELD else {"raw": b""}
    changed = IncomingMail.objects.filter(pk=mail.pk)
    if decision.state == State.HELD:
        own_id = changed.values_list("message_id", flat=True).get()
        others = IncomingMail.objects.filter(thread=mail.thread, message_id=own_id).exclude(message_id="")
        if others.filter(state__in=(State.HELD, State.TAKEN)).exclude(pk=mail.pk).exists():
            decision, kept = Decision(State.IGNORED, "The same mail came before."), {"raw": b""}
    changed.update(state=decision.state, reason=decision.reason[:200], **kept)


def _may_write(mail: IncomingMail) -> bool:
    if mail.staff is not None:
        seen = Thread.objects.served_by(mail.staff).filter(pk=mail.thread.pk)
        return mail.staff.is_active and bool(seen.exists())
    client = mail.client
    if client is None or not client.has_access:
        return False
    return bool(Thread.objects.visible_to(client).filter(pk=mail.thread.pk).exists())


def _is_own(said: ReadMail) -> bool:
    """Whether we wrote it: what comes back to us must not begin a conversation with ourselves."""
    ours = settings.DEFAULT_FROM_EMAIL.casefold(), f"@{settings.INTAKE_HOST}".casefold()
    return said.sender.casefold() == ours[0] or said.sender.casefold().endswith(ours[1])


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT


def _loaded(mail_id: int) -> IncomingMail | None:
    found = IncomingMail.objects.select_related("thread", "client", "staff")
    return found.filter(pk=mail_id).first()

"""Delivery: once per message row, checked again before it leaves."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from portal import registry
from portal.delivery import marks
from portal.delivery.models import DeliveryEvent
from portal.delivery.noting import note
from portal.delivery.unsubscribing import address_of, is_unwanted, may_unsubscribe
from portal.jobs import job
from portal.mail import composing, digest, sending
from portal.mail.models import Message
from portal.mail.outcome import Outcome, outcome_of
from portal.mail.rendering import RenderedMail
from portal.module import Email

Kind, Source = DeliveryEvent.Kind, DeliveryEvent.Source
# A server that asks to wait wants minutes, not seconds: 1, 2, 4 … minutes, at most four hours, half a day in all.
MOST_TRIES = 10
FIRST_WAIT_MS, LONGEST_WAIT_MS = 60_000, 4 * 3600 * 1000


class Unsendable(RuntimeError):
    """Raised by `Email.prepare`: there is nothing to send any more; the message is dropped, not retried."""


class Deferred(RuntimeError):
    """The other side asks to wait; the queue tries the job again."""


@job("mail.deliver", max_retries=MOST_TRIES - 1, min_backoff=FIRST_WAIT_MS, max_backoff=LONGEST_WAIT_MS)
def deliver(*, message_id: str) -> None:
    """Send one queued message, and with it what else is new for the same person. A second run does nothing."""
    message = Message.objects.select_related("client", "staff").filter(pk=message_id).first()
    # Erased while it was queued: trying again for half a day would not bring it back.
    if message is None or not digest.set_out(message):
        return
    email = registry.emails()[message.email]
    Message.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
    message.attempts += 1
    first = _item(message)
    if first is None:
        digest.let_go(digest.told_by(message))
        return
    others, ailing = composing.ready(digest.take_along(message, email), _item)
    digest.let_go(ailing)
    rendered = composing.compose(first, others)
    mail = sending.build(message, email, rendered, more=composing.headers_of(first, others))
    try:
        sending.send(mail)
    except Exception as error:
        outcome = outcome_of(error)
        if outcome is None:
            raise
        _not_taken(message, rendered, outcome, error)
        return
    _sent(message, rendered, others)


@transaction.atomic
def _sent(message: Message, rendered: RenderedMail, others: Sequence[composing.Item]) -> None:
    Message.objects.filter(pk=message.pk).update(subject=rendered.subject)
    note(message, Kind.SENT, source=Source.SMTP)
    for item in others:
        Message.objects.filter(pk=item.message.pk).update(subject=composing.title_of(item))
        if item.message.state == Message.State.QUEUED:
            note(item.message, Kind.SENT, source=Source.SMTP, words=f"Together with “{rendered.subject}”")


def _item(message: Message) -> composing.Item | None:
    """The message with its words filled in; None: it must not be sent any more, which is noted."""
    email = registry.emails()[message.email]
    reason = _why_not(message, email)
    if not reason:
        try:
            return composing.Item(message, email, _words(message, email))
        except Unsendable as given:
            reason = str(given)
    note(message, Kind.DROPPED, source=Source.US, words=reason)
    return None


def _why_not(message: Message, email: Email) -> str:
    """What has happened since it was queued, so that it must not be sent any more."""
    if message.client is not None and email.needs_access and not message.client.has_access:
        return "access ended before it was sent"
    if message.staff is not None and not message.staff.is_active:
        return "access ended before it was sent"
    if is_unwanted(message, email):
        return "the client wants no mails that are not needed"
    return marks.why_not(message.address, is_asked_for=email.is_asked_for)


def _words(message: Message, email: Email) -> dict[str, Any]:
    words = {**message.words, **(email.prepare(message) if email.prepare else {})}
    if message.client is not None and may_unsubscribe(message, email):
        words["unsubscribe_url"] = address_of(message.client)
    return words


def _not_taken(message: Message, rendered: RenderedMail, outcome: Outcome, error: Exception) -> None:
    Message.objects.filter(pk=message.pk).update(subject=rendered.subject)
    source = Source.SMTP if outcome.is_refused else Source.US
    if outcome.is_final:
        kind = Kind.BOUNCED if outcome.is_refused else Kind.FAILED
        _ended(message, kind, source=source, words=outcome.words, is_gone=outcome.is_gone)
    elif message.attempts >= MOST_TRIES:
        words = f"Given up after {message.attempts} tries. {outcome.words}"
        _ended(message, Kind.FAILED, source=source, words=words)
    else:
        note(message, Kind.DEFERRED, source=source, words=outcome.words)
        # The other side's words are on the event; here they would only repeat people's addresses in a log.
        raise Deferred(type(error).__name__) from None


@transaction.atomic
def _ended(message: Message, kind: str, **fields: Any) -> None:
    note(message, kind, **fields)
    for one in digest.told_by(message):
        note(one, Kind.FAILED, source=Source.US, words="The mail that told of it was not taken.")

"""Delivery: once per message row, checked again before it leaves."""

from django.db.models import F

from portal import registry
from portal.delivery import marks
from portal.delivery.models import DeliveryEvent
from portal.delivery.noting import note
from portal.delivery.unsubscribing import address_of, is_unwanted, may_unsubscribe
from portal.jobs import job
from portal.mail import sending
from portal.mail.models import Message
from portal.mail.outcome import Outcome, outcome_of
from portal.mail.rendering import RenderedMail, render_mail
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
    """Send one queued message. A second run finds it sent and does nothing."""
    message = Message.objects.select_related("client", "staff").get(pk=message_id)
    if message.state != Message.State.QUEUED:
        return
    email = registry.emails()[message.email]
    if reason := _why_not(message, email):
        note(message, Kind.DROPPED, source=Source.US, words=reason)
        return
    Message.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
    message.attempts += 1
    try:
        rendered = _rendered(message, email)
    except Unsendable as reason_given:
        note(message, Kind.DROPPED, source=Source.US, words=str(reason_given))
        return
    mail = sending.build(message, email, rendered)
    try:
        sending.send(mail)
    except Exception as error:
        outcome = outcome_of(error)
        if outcome is None:
            raise
        _not_taken(message, rendered, outcome, error)
        return
    Message.objects.filter(pk=message.pk).update(subject=rendered.subject)
    note(message, Kind.SENT, source=Source.SMTP)


def _why_not(message: Message, email: Email) -> str:
    """What has happened since it was queued, so that it must not be sent any more."""
    if message.client is not None and email.needs_access and not message.client.has_access:
        return "access ended before it was sent"
    if message.staff is not None and not message.staff.is_active:
        return "access ended before it was sent"
    if is_unwanted(message, email):
        return "the client wants no mails that are not needed"
    return marks.why_not(message.address, is_asked_for=email.is_asked_for)


def _rendered(message: Message, email: Email) -> RenderedMail:
    words = {**message.words, **(email.prepare(message) if email.prepare else {})}
    if message.client is not None and may_unsubscribe(message, email):
        words["unsubscribe_url"] = address_of(message.client)
    return render_mail(email, {"person": message.client or message.staff, **words})


def _not_taken(message: Message, rendered: RenderedMail, outcome: Outcome, error: Exception) -> None:
    Message.objects.filter(pk=message.pk).update(subject=rendered.subject)
    source = Source.SMTP if outcome.is_refused else Source.US
    if outcome.is_final:
        kind = Kind.BOUNCED if outcome.is_refused else Kind.FAILED
        note(message, kind, source=source, words=outcome.words, is_gone=outcome.is_gone)
    elif message.attempts >= MOST_TRIES:
        words = f"Given up after {message.attempts} tries. {outcome.words}"
        note(message, Kind.FAILED, source=source, words=words)
    else:
        note(message, Kind.DEFERRED, source=source, words=outcome.words)
        # The other side's words are on the event; here they would only repeat people's addresses in a log.
        raise Deferred(type(error).__name__) from None

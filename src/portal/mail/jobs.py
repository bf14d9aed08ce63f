"""Delivery: once per message row, checked again before it leaves."""

from collections.abc import Mapping
from email.utils import formataddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F

from kit import clock
from portal import registry
from portal.events import publish
from portal.jobs import job
from portal.mail.models import Message
from portal.mail.rendering import RenderedMail, render_mail
from portal.module import Email
from tenants.agencies.current import current_agency


class Unsendable(RuntimeError):
    """Raised by `Email.prepare`: there is nothing to send any more; the message is dropped, not retried."""


@job("mail.deliver")
def deliver(*, message_id: str) -> None:
    """Send one queued message. A second run finds it sent and does nothing.

    The Message-ID is the row's id: should the process die between the server's answer and our note of
    it, the repeat carries the same id and mail systems show one message.
    """
    message = Message.objects.select_related("client", "staff").get(pk=message_id)
    if message.state != Message.State.QUEUED:
        return
    email = registry.emails()[message.email]
    if not _still_wanted(message, email):
        _close(message, Message.State.DROPPED, error="access ended before it was sent")
        return
    Message.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
    try:
        words = {**message.words, **(email.prepare(message) if email.prepare else {})}
    except Unsendable as reason:
        _close(message, Message.State.DROPPED, error=str(reason))
        return
    headers = words.pop("mail_headers", {})
    rendered = render_mail(email, {"person": message.client or message.staff, **words})
    try:
        _send(message, rendered, headers)
    except SMTPRecipientsRefused as refused:
        if not _is_final(refused):
            raise
        with transaction.atomic():
            _close(message, Message.State.FAILED, subject=rendered.subject, error=str(refused)[:500])
            publish("mail.bounced", message_id=str(message.pk))
        return
    _close(message, Message.State.SENT, subject=rendered.subject)


def _is_final(refused: SMTPRecipientsRefused) -> bool:
    # 4xx means "try later" (RFC 5321, 4.2.1), and the job's retries do; 5xx will never work.
    return all(code >= 500 for code, _ in refused.recipients.values())


def _still_wanted(message: Message, email: Email) -> bool:
    if message.client is not None:
        return message.client.has_access or not email.needs_access
    return message.staff is None or message.staff.is_active


def _send(message: Message, rendered: RenderedMail, more: Mapping[str, str]) -> None:
    from portal.branding.queries import load_settings

    agency, portal = current_agency(), load_settings()
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=formataddr((portal.title or agency.name, settings.DEFAULT_FROM_EMAIL)),
        to=[message.address],
        reply_to=[portal.support_email] if portal.support_email and "Reply-To" not in more else None,
        headers={"Message-ID": f"<{message.pk}@{domain}>", "Auto-Submitted": "auto-generated", **more},
    )
    mail.attach_alternative(rendered.html, "text/html")
    mail.send()


def _close(message: Message, state: Message.State, **fields: str) -> None:
    Message.objects.filter(pk=message.pk).update(state=state, sent_at=clock.now(), **fields)

"""Delivery of the platform's mails."""

from datetime import timedelta
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from kit import clock
from tenants.jobs.jobs import public_job
from tenants.mail.models import Message

KEPT = timedelta(days=1)


@public_job("platform_mail.deliver")
def deliver(*, message_id: str) -> None:
    """Send one message. A second run finds it sent, or gone, and does nothing."""
    message = Message.objects.filter(pk=message_id, sent_at=None).first()
    if message is None:
        return
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=formataddr((settings.PORTICO_NAME, settings.DEFAULT_FROM_EMAIL)),
        to=[message.address],
        headers={"Message-ID": f"<{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(message.html, "text/html")
    mail.send()
    # The words held a code or a link, perhaps; what was sent is nobody's business here any more.
    Message.objects.filter(pk=message.pk).update(sent_at=clock.now(), text="", html="")


@public_job("platform_mail.forget_old", every_seconds=3600)
def forget_old_mails() -> None:
    """Delete rows after a day, unsent ones too: their codes have expired long before."""
    Message.objects.filter(created_at__lt=clock.now() - KEPT).delete()

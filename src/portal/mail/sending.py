"""One rendered mail on its way: in whose name, with which headers, signed by whom."""

from collections.abc import Mapping

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from portal.delivery.keys import key_of, name_of
from portal.delivery.unsubscribing import address_of, may_unsubscribe
from portal.intake.addresses import address_for
from portal.mail.models import Message
from portal.mail.rendering import RenderedMail
from portal.module import Email
from portal.sender.signing import SignedMail
from portal.sender.voice import voice


def build(message: Message, email: Email, rendered: RenderedMail, *, more: Mapping[str, str]) -> SignedMail:
    """The mail as it will leave, for the current agency; `more` are headers of its own kind of mail."""
    said = voice()
    reply_to = message.words.get("reply_to") or said.reply_to
    mail = SignedMail(
        subject=rendered.subject,
        body=rendered.text,
        from_email=said.from_header,
        to=[message.address],
        reply_to=[reply_to] if reply_to and "Reply-To" not in more else None,
        headers={**_headers(message, email), **more},
        signer=said.signer,
    )
    mail.attach_alternative(rendered.html, "text/html")
    if settings.SIGNS_MAILS and settings.HAS_INTAKE:
        # Reports of what could not be delivered come back here, and say by their address which mail it was.
        mail.envelope_sender = address_for("bounce", key_of(message.pk), domain=said.bounce_host)
    if settings.MAIL_SERVICE:
        mail.metadata = {"message": name_of(message.pk)}  # it tells it again in every event
    return mail


def send(mail: EmailMultiAlternatives) -> None:
    """Hand it over; raises whatever the backend raises (see `portal.mail.outcome`)."""
    mail.send()


def _headers(message: Message, email: Email) -> dict[str, str]:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    # The id is the row's: should the process die between the server's answer and our note of it, the repeat
    # carries the same id and mail systems show one message.
    headers = {"Message-ID": f"<{name_of(message.pk)}@{domain}>", "Auto-Submitted": "auto-generated"}
    if may_unsubscribe(message, email):
        assert message.client is not None
        headers["List-Unsubscribe"] = f"<{address_of(message.client)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return headers

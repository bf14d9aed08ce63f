"""Writing to somebody as the platform. The message is a row of the caller's transaction; a job sends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string

from tenants.agencies.current import platform_origin
from tenants.mail.models import Message
from ui.theme import DEFAULT_ACCENT, mail_colors


@dataclass(frozen=True)
class Letter:
    """What one mail says: `body` is plain paragraphs, `code` and `button_url` are set apart."""

    subject: str
    body: str
    code: str = ""
    button_url: str = ""
    button_words: str = ""
    after: str = ""


def write(kind: str, address: str, words: Mapping[str, Any]) -> Message:
    """Enqueue a mail from `<kind>.subject.txt`, `<kind>.txt` and `<kind>.html` (extending mail/base)."""
    context = {**_platform(), **words}
    context["subject"] = " ".join(render_to_string(f"{kind}.subject.txt", context).split())
    text = render_to_string(f"{kind}.txt", context)
    return _queue(kind, address, context["subject"], text, render_to_string(f"{kind}.html", context))


def write_letter(kind: str, address: str, letter: Letter) -> Message:
    """Enqueue a mail whose words are at hand already."""
    context = {**_platform(), "letter": letter, "subject": letter.subject, "heading": letter.subject}
    context |= {"button_url": letter.button_url, "button_words": letter.button_words}
    text, html = (render_to_string(f"platform/mail/letter.{ext}", context) for ext in ("txt", "html"))
    return _queue(kind, address, letter.subject, text, html)


def _platform() -> dict[str, Any]:
    return {
        "brand": {"name": settings.PORTICO_NAME},
        "platform_url": platform_origin() + "/",
        "colors": mail_colors(DEFAULT_ACCENT),
        "language": "en",
    }


def _queue(kind: str, address: str, subject: str, text: str, html: str) -> Message:
    from tenants.mail.jobs import deliver

    message = Message.objects.create(
        kind=kind, address=address, subject=subject, text=text.strip() + "\n", html=css_inline.inline(html)
    )
    deliver.send(message_id=str(message.pk))
    return message

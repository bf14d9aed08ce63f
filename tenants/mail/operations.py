"""Writing to somebody as the platform. The message is a row of the caller's transaction; a job sends it."""

import re
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
class Paragraph:
    """A part of a plain text: words, or a code or an address that stands on a line of its own."""

    words: str
    is_code: bool = False
    is_link: bool = False


def write(kind: str, address: str, words: Mapping[str, Any]) -> Message:
    """Enqueue a mail from `<kind>.subject.txt`, `<kind>.txt` and `<kind>.html` (extending mail/base)."""
    context = {**_platform(), **words}
    context["subject"] = " ".join(render_to_string(f"{kind}.subject.txt", context).split())
    text = render_to_string(f"{kind}.txt", context)
    return _queue(kind, address, context["subject"], text, render_to_string(f"{kind}.html", context))


def write_plainly(kind: str, address: str, *, subject: str, text: str, do: str = "Go on") -> Message:
    """Enqueue a mail whose words are at hand as paragraphs; `do` is what the button of a link says."""
    context = {**_platform(), "subject": subject, "heading": subject, "do": do}
    context["paragraphs"] = [_paragraph(part.strip()) for part in re.split(r"\n\s*\n", text) if part.strip()]
    text, html = (render_to_string(f"platform/mail/plain.{ext}", context) for ext in ("txt", "html"))
    return _queue(kind, address, subject, text, html)


def _paragraph(words: str) -> Paragraph:
    is_code = re.fullmatch(r"\d{6}", words) is not None
    return Paragraph(words, is_code=is_code, is_link=re.fullmatch(r"https?://\S+", words) is not None)


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
        kind=kind,
        address=address,
        subject=subject[:200],
        text=text.strip() + "\n",
        html=css_inline.inline(html),
    )
    deliver.send(message_id=str(message.pk))
    return message

"""The mail that a workflow sends: the agency's own words, with a link that is made when it leaves."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Act, Action, Email
from portal.people.mail_links import link_for
from portal.placeholders import WordsField, fill
from portal.workflows.values import LINK

_LINK = re.compile(r"\{\{\s*link\s*\}\}")


class BodyField(WordsField):
    """Words that may hold the link, too."""

    takes_link = True


class MailForm(forms.Form):
    """What the mail says."""

    subject = WordsField(label="Subject", max_length=150)
    body = BodyField(
        label="Words",
        widget=forms.Textarea({"rows": 8}),
        max_length=5000,
        help_text="An empty line begins a new paragraph. {{ link }} leads to what happened, "
        "and signs the client in.",
    )
    button = WordsField(
        label="Words on the button",
        required=False,
        max_length=60,
        help_text="It leads to the same place. Empty: no button.",
    )


def send(act: Act, settings: Mapping[str, Any]) -> str:
    """Queue the mail. The link is not in it yet: nothing secret is ever stored."""
    kept = {**act.values, LINK: "{{ link }}"}
    words = {
        "subject_words": fill(settings["subject"], act.values),
        "text_words": fill(settings["body"], kept),
        "button_words": fill(settings["button"], act.values),
        "path": act.happening.path,
        "step": act.key,
    }
    queue_mail("workflows.mail", act.client, words=words)
    return f"Sent “{words['subject_words']}” to {act.client}."


def foresee_mail(act: Act, settings: Mapping[str, Any]) -> str:
    """The subject as it would be."""
    return f"{act.client} would get the mail “{fill(settings['subject'], act.values)}”."


def say_mail(settings: Mapping[str, Any]) -> str:
    return f"send the client the mail “{settings['subject']}”"


def prepare(message: Message) -> Mapping[str, Any]:
    """The link, in the words and on the button. Raises Unsendable: the client is gone."""
    if message.client is None:
        raise Unsendable("nobody to write to")
    text, button = message.words["text_words"], message.words["button_words"]
    wants_link = bool(button or _LINK.search(text))
    link = link_for(message.client, message.words["path"]) if wants_link else ""
    return {
        "text_words": _LINK.sub(lambda _: link, text),
        "html_words": html_of(text, link),
        "button_url": link if button else "",
    }


def html_of(text: str, link: str) -> SafeString:
    """Paragraphs, everything escaped but the link."""
    paragraphs = [part.strip() for part in re.split(r"\r?\n\s*\r?\n", text) if part.strip()]
    shown = [format_html("<p>{}</p>", mark_safe(_with_links(part, link))) for part in paragraphs]
    return mark_safe("\n".join(shown))


def _with_links(part: str, link: str) -> str:
    pieces = [str(conditional_escape(piece)).replace("\n", "<br>") for piece in _LINK.split(part)]
    return str(format_html('<a href="{}">{}</a>', link, link)).join(pieces)


EMAIL = Email(
    key="workflows.mail",
    label="Mail of a workflow",
    template="mail/workflows/mail",
    sample={
        "person": {"first_name": "Maria", "shown_name": "Maria Silva", "email": "maria@brightside.example"},
        "subject_words": "Your invoice 2026-0017",
        "text_words": "Hello Maria,\n\nthe invoice for your new website is ready.",
        "html_words": mark_safe("<p>Hello Maria,</p><p>the invoice for your new website is ready.</p>"),
        "button_words": "Open the invoice",
        "button_url": "https://portal.example/enter/link/",
    },
    prepare=prepare,
)
ACTION = Action("workflows.mail", "Send a mail", MailForm, send, say_mail, foresee_mail, is_message=True)

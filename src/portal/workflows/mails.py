"""The mail that a workflow sends: the agency's own words, with a link that is made when it leaves."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Act, Action, Email, Kind, NothingToDo, Placeholder
from portal.people.mail_links import link_for
from portal.placeholders import WordsField, fill
from portal.workflows.values import LINK

NEEDED, NEWS = "workflows.mail", "workflows.news"
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
    is_marketing = forms.BooleanField(
        label="This is marketing",
        required=False,
        help_text="It gets a link to unsubscribe, and clients who have unsubscribed do not get it.",
    )


def send(act: Act, settings: Mapping[str, Any]) -> str:
    """Queue the mail. The link is not in it yet: nothing secret is ever stored.

    Raises:
        NothingToDo: it is marketing, and the client has unsubscribed.
    """
    if _is_unwanted(act, settings):
        raise NothingToDo(_UNWANTED.format(act.client))
    kept = {**act.values, LINK: "{{ link }}"}
    words = {
        "subject_words": fill(settings["subject"], act.values),
        "text_words": fill(settings["body"], kept),
        "button_words": fill(settings["button"], act.values),
        "path": act.happening.path,
        "step": act.key,
    }
    queue_mail(NEWS if settings.get("is_marketing") else NEEDED, act.client, words=words)
    return f"Sent “{words['subject_words']}” to {act.client}."


def foresee_mail(act: Act, settings: Mapping[str, Any]) -> str:
    """The subject as it would be."""
    if _is_unwanted(act, settings):
        return _UNWANTED.format(act.client)
    return f"{act.client} would get the mail “{fill(settings['subject'], act.values)}”."


def say_mail(settings: Mapping[str, Any]) -> str:
    what = "marketing mail" if settings.get("is_marketing") else "mail"
    return f"send the client the {what} “{settings['subject']}”"


_UNWANTED = "{} has unsubscribed from marketing."


def _is_unwanted(act: Act, settings: Mapping[str, Any]) -> bool:
    return bool(settings.get("is_marketing")) and not act.client.wants_marketing


def prepare(message: Message) -> Mapping[str, Any]:
    """The link, in the words and on the button. Raises Unsendable: the client is gone."""
    if message.client is None:
        raise Unsendable("nobody to write to")
    text, button = message.words["text_words"], message.words["button_words"]
    wants_link = bool(button or _LINK.search(text))
    link = link_for(message.client, message.words["path"]) if wants_link else ""
    return {
        "text_words": _LINK.sub(lambda _: link, text),
        "button_url": link if button else "",
    }


def _email(key: str, label: str, told: str, *, is_transactional: bool) -> Email:
    return Email(
        key=key,
        label=label,
        template="mail/workflows/mail",
        sample={
            "subject_words": "Your invoice 2026-0017",
            "text_words": "Hello Maria,\n\nthe invoice for your new website is ready.",
            "button_words": "Open the invoice",
            "button_url": "https://portal.example/enter/link/",
        },
        told=told,
        placeholders={
            "subject_words": Placeholder("The subject in the workflow"),
            "text_words": Placeholder("The words in the workflow", Kind.LONG),
            "button_words": Placeholder("The words on the button, if there is one"),
            "button_url": Placeholder("Where the button leads, if there is one", Kind.LINK),
        },
        prepare=prepare,
        is_transactional=is_transactional,
    )


EMAILS = (
    _email(
        NEEDED,
        "Mail of a workflow",
        "Clients for whom one of your workflows sends a mail. What it says stands in the workflow.",
        is_transactional=True,
    ),
    _email(
        NEWS,
        "Marketing mail of a workflow",
        "Clients for whom one of your workflows sends marketing, unless they have unsubscribed. "
        "What it says stands in the workflow.",
        is_transactional=False,
    ),
)
ACTION = Action("workflows.mail", "Send a mail", MailForm, send, say_mail, foresee_mail, is_message=True)

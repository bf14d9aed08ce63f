"""What the pages of mails show: every mail with its state, and whose values a preview is filled with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from portal import registry
from portal.mail.checking import problems_of
from portal.mail.languages import Language
from portal.mail.models import Message, Wording
from portal.mail.wordings import words_of
from portal.module import Email, Kind
from portal.people.models import Client, Staff
from tenants.agencies.current import current_agency

TEST = "mail.test"
_RECENT, _CLIENTS = 8, 12


@dataclass(frozen=True)
class ShownState:
    """How a mail stands in one language: as it came, changed, or changed to what can no longer be used."""

    language: Language
    is_changed: bool
    is_broken: bool


@dataclass(frozen=True)
class ShownMail:
    """One line of the list."""

    email: Email
    states: list[ShownState]


def editable() -> dict[str, Email]:
    """Every mail whose words the agency may change, by key: those of the sections in its plan."""
    plan = current_agency().plan
    parts = [part for part in registry.parts() if part.plan <= plan]
    mails = [email for part in parts for email in part.emails if email.key != TEST]
    return {email.key: email for email in mails}


def mails_by_section(languages: list[Language]) -> list[tuple[str, list[ShownMail]]]:
    """All mails under the names of their sections, those of the shell first."""
    known, newest = editable(), {(row.email, row.language): row for row in Wording.objects.newest()}
    sections = []
    for part in registry.parts():
        shown = [
            ShownMail(email, [_state(email, language, newest) for language in languages])
            for email in part.emails
            if email.key in known
        ]
        if shown:
            sections.append((part.name, shown))
    return sections


def _state(email: Email, language: Language, newest: Mapping[tuple[str, str], Wording]) -> ShownState:
    row = newest.get((email.key, language.code))
    is_changed = row is not None and not row.is_default
    is_broken = bool(is_changed and row and problems_of(email, words_of(row)))
    return ShownState(language, is_changed, is_broken)


def broken_mails(languages: list[Language]) -> list[tuple[Email, Language]]:
    """Mails whose own words are passed over, because an update took away what they hold."""
    return [
        (mail.email, state.language)
        for _, mails in mails_by_section(languages)
        for mail in mails
        for state in mail.states
        if state.is_broken
    ]


def preview_choices(email: Email, staff: Staff) -> list[tuple[str, str]]:
    """With whose values the mail can be looked at: messages that were written, then examples to real people."""
    recent = Message.objects.filter(email=email.key).select_related("client", "staff").order_by("-created_at")
    choices = [(f"message-{one.pk}", _told(one)) for one in recent[:_RECENT]]
    clients = Client.objects.with_access().order_by("-last_seen_at", "name")[:_CLIENTS]
    choices += [(f"client-{one.pk}", f"An example, to {one}") for one in clients]
    return [*choices, ("me", f"An example, to {staff} (you)")]


def preview_values(email: Email, chosen: str, staff: Staff) -> dict[str, Any]:
    """The values behind a choice; of an unknown one, those of the example.

    Links and codes are always the example's: those of a real mail open doors, and are made when it leaves.
    """
    kind, _, pk = chosen.partition("-")
    if kind == "message" and (message := _message(email, pk)):
        known = email.placeholders
        safe = {name for name, one in email.placeholders.items() if one.kind not in (Kind.LINK, Kind.CODE)}
        words = {name: value for name, value in message.words.items() if name in safe or name not in known}
        return {**email.sample, **words, "person": message.client or message.staff}
    if kind == "client" and pk.isdecimal() and (client := Client.objects.filter(pk=int(pk[:18])).first()):
        return {**email.sample, "person": client}
    return {**email.sample, "person": staff}


def _message(email: Email, pk: str) -> Message | None:
    try:
        found = Message.objects.filter(pk=UUID(pk), email=email.key)
    except ValueError:
        return None
    return found.select_related("client", "staff").first()


def _told(message: Message) -> str:
    at = timezone.localtime(message.created_at, current_agency().tzinfo)
    return f"{date_format(at, 'j M, H:i')}, to {message.client or message.staff or message.address}"

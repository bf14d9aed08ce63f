"""The mails of deliverables: their declarations, and who gets which."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.text import Truncator

from modules.deliverables.models import Comment, Decision, Deliverable, State, Version
from modules.deliverables.queries import people
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Email, Kind, Placeholder
from portal.people.models import Client

CAPABILITY = "deliverables.approve"
PLACEHOLDERS = {
    "deliverable": Placeholder("Name of the deliverable"),
    "project": Placeholder("Name of its project"),
    "version": Placeholder("Number of the version"),
    "url": Placeholder("The page of the version", Kind.LINK, needed=True),
}
DUE = {"due": Placeholder("Day by which the decision is wanted, if there is one")}
BY_CLIENT = {"who": Placeholder("Name of the client")}
SAMPLE = {
    "deliverable": "Homepage design",
    "project": "New website",
    "version": 2,
    "note": "The picture is smaller, and the words are yours.",
    "due": "5 January 2026",
    "is_interactive": True,
    "url": "https://example.com/deliverables/7/versions/2/",
}


def tell_ready(version: Version, clients: Iterable[Client]) -> None:
    """Mail each that a version waits for them, with the way straight to it."""
    words = _words(version) | {
        "note": version.note,
        "is_interactive": current_agency().has(CAPABILITY),
    }
    for client in clients:
        queue_mail("deliverables.ready", client, words=words)


def remind(version: Version, client: Client, *, days_before: int) -> None:
    """Mail one reviewer that the decision is wanted tomorrow or today."""
    words = _words(version) | {"is_today": days_before == 0}
    queue_mail("deliverables.reminder", client, words=words)


def tell_decided(decision: Decision) -> None:
    """Mail the staff in charge what a client decided."""
    did = "approved" if decision.verdict == Decision.Verdict.APPROVED else "requested changes to"
    _tell_staff(decision, did)


def tell_undone(decision: Decision) -> None:
    """Mail the staff in charge that a client took a decision back."""
    _tell_staff(decision, "took back the decision on")


def tell_commented(comment: Comment) -> None:
    """Mail the staff in charge a client's comment."""
    version = comment.version
    words = _words(version) | {"who": comment.author_name, "text": comment.text}
    for staff in people.staff_to_tell(version):
        queue_mail("deliverables.commented", staff, words=words)


def _tell_staff(decision: Decision, did: str) -> None:
    deliverable = decision.version.deliverable
    words = _words(decision.version) | {
        "who": str(decision.client),
        "did": did,
        "reason": "" if decision.undone_at else decision.reason,
        "rounds": f"{deliverable.rounds_used} of {deliverable.rounds_allowed} included rounds used",
    }
    for staff in people.staff_to_tell(decision.version):
        queue_mail("deliverables.decided", staff, words=words)


def _words(version: Version) -> dict[str, Any]:
    deliverable = version.deliverable
    return {
        "deliverable": deliverable.name,
        "deliverable_id": deliverable.pk,
        "project": deliverable.project.name,
        "version": version.number,
        "due": date_format(deliverable.due_on, "j F Y") if deliverable.due_on else "",
    }


def _to_client(message: Message) -> Mapping[str, Any]:
    """The button's address, made when the mail leaves; and whether it still should.

    Raises:
        Unsendable: the client no longer sees it, or that version no longer waits.
    """
    client, pk, number = message.client, message.words["deliverable_id"], message.words["version"]
    deliverable = Deliverable.objects.visible_to(client).filter(pk=pk).first() if client else None
    if deliverable is None:
        raise Unsendable("the client does not see it any more")
    newest = deliverable.versions.shown().order_by("-number").first()
    if deliverable.state != State.READY or newest is None or newest.number != number:
        raise Unsendable("this version does not wait for a decision any more")
    return {"url": portal_link(current_agency(), "deliverables:version", pk, number)}


def _to_staff(message: Message) -> Mapping[str, Any]:
    words = message.words
    return {
        "url": console_link(
            current_agency(), "deliverables:version", words["deliverable_id"], words["version"]
        )
    }


def _asks_by_day(words: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"asks_by_day": bool(words.get("is_interactive") and words.get("due"))}


def _beginning(words: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"beginning": Truncator(words.get("text", "")).chars(120)}


def _email(
    key: str, label: str, prepare: Any, told: str, placeholders: Mapping[str, Placeholder], **more: Any
) -> Email:
    return Email(
        key=f"deliverables.{key}",
        label=label,
        template=f"deliverables/emails/{key}",
        prepare=prepare,
        told=told,
        placeholders={**PLACEHOLDERS, **placeholders},
        **{"sample": SAMPLE, **more},
    )


EMAILS = (
    _email(
        "ready",
        "A deliverable is ready for review",
        _to_client,
        "Every reviewer, when a version is shared.",
        {
            **DUE,
            "note": Placeholder("What you wrote about the version", Kind.LONG),
            "is_interactive": Placeholder("Whether clients decide in the portal (your plan)", Kind.FLAG),
            "asks_by_day": Placeholder("Whether they decide there and by a day", Kind.FLAG),
        },
        derive=_asks_by_day,
        digest="new",
    ),
    _email(
        "reminder",
        "A decision is wanted soon",
        _to_client,
        "Every reviewer who has not decided, on the day before and on the day.",
        {**DUE, "is_today": Placeholder("Whether that day is today; else it is tomorrow", Kind.FLAG)},
        sample=SAMPLE | {"is_today": False},
    ),
    _email(
        "decided",
        "A client decided (to staff)",
        _to_staff,
        "The lead of the project, else the owners, when a client decides or takes that back.",
        {
            **BY_CLIENT,
            "did": Placeholder("What the client did: approved, requested changes to …"),
            "reason": Placeholder("What the client wrote", Kind.LONG),
            "rounds": Placeholder("How many rounds of changes are used"),
        },
        sample=SAMPLE
        | {
            "who": "Maria Silva",
            "did": "requested changes to",
            "reason": "Could the sun be a little smaller?",
            "rounds": "1 of 2 included rounds used",
        },
        digest="new",
    ),
    _email(
        "commented",
        "A client commented (to staff)",
        _to_staff,
        "The lead of the project, else the owners, when a client comments.",
        {
            **BY_CLIENT,
            "text": Placeholder("The comment", Kind.LONG),
            "beginning": Placeholder("How the comment begins"),
        },
        sample=SAMPLE | {"who": "Maria Silva", "text": "Could the sun be a little smaller?"},
        derive=_beginning,
        digest="new",
    ),
)

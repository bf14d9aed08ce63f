"""The mails of feedback: their declarations, and who gets which. A note reaches a mail to staff only."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import Truncator

from modules.feedback.models import Entry, FeedbackSettings, Rating, State, Thread
from modules.feedback.queries import people
from modules.feedback.queries.addresses import mail_headers
from modules.feedback.queries.signed import rating_token
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Email, Kind, Placeholder
from portal.people.models import Client, Staff

PLACEHOLDERS = {
    "number": Placeholder("Number of the conversation"),
    "subject": Placeholder("What it is about, as the client put it"),
    "url": Placeholder("The page of the conversation", Kind.LINK, needed=True),
}
ABOUT = {
    "kind": Placeholder("What it is: question, problem, …"),
    "about": Placeholder("The piece of work that it is about, if any"),
}
WHO = {
    "who": Placeholder("Who wrote"),
    "text": Placeholder("What was written", Kind.LONG),
    "beginning": Placeholder("How that begins"),
}
ATTACHED = {
    "one_file": Placeholder("Whether one file came with it", Kind.FLAG),
    "several_files": Placeholder("How many files came with it, if several did"),
}
REOPENED = {"is_reopened": Placeholder("Whether it was settled before", Kind.FLAG)}
SAMPLE = {
    "number": 7,
    "subject": "The form on the contact page",
    "kind": "Problem",
    "who": "Maria Silva",
    "text": "The form on the contact page says that it was sent, but nothing arrives.",
    "files": 1,
    "about": "Homepage design",
    "url": "https://example.com/feedback/7/",
}


def tell_submitted(thread: Thread, entry: Entry) -> None:
    """Mail whoever is to answer a new thread."""
    _to_answering("feedback.submitted", thread, entry)


def tell_staff(thread: Thread, entry: Entry) -> None:
    """Mail whoever answers that a client wrote again."""
    _to_answering("feedback.client_replied", thread, entry)


def tell_reopened(thread: Thread, client: Client) -> None:
    """Mail whoever answers that a client opened it again without a word."""
    if staff := people.answering(thread):
        words = _words(thread) | {"who": str(client), "text": "", "files": 0, "is_reopened": True}
        queue_mail("feedback.client_replied", staff, words=words)


def tell_assigned(thread: Thread, by: Staff) -> None:
    """Mail the new assignee, with what the client wrote first."""
    first = thread.entries.shown_to_clients().order_by("created_at", "pk").first()
    if thread.assignee is not None and first is not None:
        words = _words(thread, first) | {"by": str(by)}
        queue_mail("feedback.assigned", thread.assignee, words=words)


def tell_mentioned(thread: Thread, note: Entry, staff: Staff) -> None:
    """Mail a colleague the note that names them."""
    queue_mail("feedback.mentioned", staff, words=_words(thread, note))


def tell_clients(thread: Thread, entry: Entry) -> None:
    """Mail the answer to the clients who wrote in the thread. Notes are refused."""
    assert not entry.is_internal, "a note never leaves the agency"
    words = _words(thread, entry) | {"asks_back": thread.state == State.WAITING}
    for client in people.clients_in(thread):
        queue_mail("feedback.staff_replied", client, words=words)


def tell_resolved(thread: Thread, entry: Entry | None) -> None:
    """Mail that it is settled, with the last word; its author is asked how it was."""
    assert entry is None or not entry.is_internal, "a note never leaves the agency"
    words = _words(thread, entry) | {"asks_rating": FeedbackSettings.load().asks_rating}
    for client in people.clients_in(thread):
        asks = words["asks_rating"] and client.pk == thread.author_id
        queue_mail("feedback.resolved", client, words={**words, "asks_rating": asks})


def tell_not_attached(thread: Thread, to: Client | Staff, names: list[str], limit: str) -> None:
    """Tell who wrote by mail which files did not come along."""
    words = _words(thread) | {"names": "\n".join(f"• {name}" for name in names), "limit": limit}
    queue_mail("feedback.not_attached", to, words=words)


def _to_answering(email: str, thread: Thread, entry: Entry) -> None:
    if staff := people.answering(thread):
        queue_mail(
            email, staff, words=_words(thread, entry) | {"is_reopened": thread.state == State.REOPENED}
        )


def _words(thread: Thread, entry: Entry | None = None) -> dict[str, Any]:
    return {
        "thread_id": thread.pk,
        "number": thread.pk,
        "subject": thread.subject,
        "kind": thread.get_kind_display(),
        "about": thread.about_words or (thread.project.name if thread.project else ""),
        "who": entry.author_name if entry else "",
        "text": entry.text if entry else "",
        "files": entry.attachments.count() if entry else 0,
        "entry_id": entry.pk if entry else None,
    }


def _to_client(message: Message) -> Mapping[str, Any]:
    """The button's address, made when the mail leaves; and whether it still should.

    Raises:
        Unsendable: the client does not see it any more, or it was merged into another one.
    """
    client, pk = message.client, message.words["thread_id"]
    thread = Thread.objects.visible_to(client).filter(pk=pk).first() if client else None
    if thread is None or client is None:
        raise Unsendable("the client does not see it any more")
    words: dict[str, Any] = {
        "url": portal_link(current_agency(), "feedback:show", pk),
        "mail_headers": mail_headers(pk, client),
    }
    if message.words.get("asks_rating"):
        url = portal_link(current_agency(), "feedback:rating", rating_token(pk, client.pk))
        words["ratings"] = [
            {"title": str(label), "note": "", "url": f"{url}?rating={value}"}
            for value, label in Rating.choices
        ]
    return words


def _to_staff(message: Message) -> Mapping[str, Any]:
    pk = message.words["thread_id"]
    words: dict[str, Any] = {"url": console_link(current_agency(), "feedback:show", pk)}
    # A note is answered on the page: a mail can only speak to the client.
    if message.staff is not None and message.email != "feedback.mentioned":
        words["mail_headers"] = mail_headers(pk, message.staff)
    return words


def _to_either(message: Message) -> Mapping[str, Any]:
    return _to_client(message) if message.client else _to_staff(message)


def _derived(words: Mapping[str, Any]) -> Mapping[str, Any]:
    files = words.get("files") or 0
    return {
        "beginning": Truncator(words.get("text", "")).chars(120),
        "one_file": files == 1,
        "several_files": files if files > 1 else "",
        "ratings": words.get("ratings", "") if words.get("asks_rating") else "",
    }


def _email(
    key: str, label: str, prepare: Any, told: str, placeholders: Mapping[str, Placeholder], **more: Any
) -> Email:
    return Email(
        key=f"feedback.{key}",
        label=label,
        template=f"feedback/emails/{key}",
        prepare=prepare,
        told=told,
        placeholders={**PLACEHOLDERS, **placeholders},
        derive=_derived,
        **{"sample": SAMPLE, **more},
    )


EMAILS = (
    _email(
        "submitted",
        "A client wrote (to staff)",
        _to_staff,
        "Whoever is to answer, when a client begins a conversation.",
        ABOUT | WHO | ATTACHED,
        digest="new",
    ),
    _email(
        "client_replied",
        "A client wrote again (to staff)",
        _to_staff,
        "Whoever answers, when a client writes again or opens a settled conversation again.",
        ABOUT | WHO | ATTACHED | REOPENED,
        sample=SAMPLE | {"is_reopened": False},
        digest="new",
    ),
    _email(
        "assigned",
        "A conversation was handed over (to staff)",
        _to_staff,
        "The colleague to whom a conversation is handed.",
        ABOUT | WHO | {"by": Placeholder("Who handed it over")},
        sample=SAMPLE | {"by": "Alice Moreno"},
        digest="new",
    ),
    _email(
        "mentioned",
        "A colleague mentioned you (to staff)",
        _to_staff,
        "The colleague whom an internal note names.",
        WHO,
        sample=SAMPLE | {"who": "Alice Moreno", "text": "@jonas can you look at the mail server?"},
        digest="new",
    ),
    _email(
        "staff_replied",
        "An answer to what the client wrote",
        _to_client,
        "The clients who wrote in a conversation, when you answer.",
        WHO | ATTACHED | {"asks_back": Placeholder("Whether you wait for the client’s answer", Kind.FLAG)},
        sample=SAMPLE
        | {
            "who": "Alice Moreno",
            "text": "Thank you for telling us. Which browser was it?",
            "asks_back": True,
        },
        digest="new",
    ),
    # Sent at once, as a list of several would leave out the question how it went; it takes along what waits,
    # so that no answer arrives after it.
    _email(
        "resolved",
        "What the client wrote is settled",
        _to_client,
        "The clients who wrote in a conversation, when you settle it. Its author is asked how it went.",
        WHO
        | ATTACHED
        | {
            "ratings": Placeholder("Links to say how it went, if you ask", Kind.ITEMS),
            "items": Placeholder("What else is new for the client, if anything is", Kind.ITEMS),
        },
        gathers="new",
        sample=SAMPLE
        | {
            "items": [],
            "who": "Alice Moreno",
            "text": "It was the mail server. It works again.",
            "asks_rating": True,
            "ratings": [
                {"title": str(label), "note": "", "url": "https://example.com/feedback/rating/x/"}
                for label in Rating.labels
            ],
        },
    ),
    _email(
        "not_attached",
        "Files of a mail were not taken",
        _to_either,
        "Who answered by mail with more or larger files than a message takes.",
        {
            "names": Placeholder("The files that were not taken, each on a line", Kind.LONG),
            "limit": Placeholder("How large a file may be"),
        },
        sample=SAMPLE | {"names": "• film.mov", "limit": "10 MB"},
    ),
)

"""What workflows hear of feedback."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from modules.feedback.models import Entry, Kind, Rating, State, Thread
from modules.feedback.queries import people
from portal.links import portal_path
from portal.module import Happening, Offer, Past, Trigger, ValueKind

THREAD = [
    Offer("subject", "the message's first words"),
    Offer("kind", "the kind of message", ValueKind.CHOICE, lambda: Kind.choices),
    Offer("state", "where the conversation stands", ValueKind.CHOICE, lambda: State.choices),
    Offer("rating", "what the client says of how it was settled", ValueKind.CHOICE, lambda: Rating.choices),
    Offer("project", "the project's name"),
    Offer("is_private", "only its author reads it", ValueKind.YES),
]


def _sides() -> Sequence[tuple[str, str]]:
    return [("client", "a client"), ("staff", "your staff")]


REPLY = [Offer("by", "who answered", ValueKind.CHOICE, _sides), *THREAD]


def read_thread(*, thread_id: int, client_id: int, **more: Any) -> Happening | None:
    """A conversation as it stands now, for the one client who wrote, as long as that one reads it."""
    found = Thread.objects.select_related("merged_into")
    named = found.filter(pk=thread_id).first()
    if named is None:
        return None
    one = named.merged_into or named
    values = {
        "subject": one.subject,
        "kind": one.kind,
        "state": one.state,
        "rating": one.rating or None,
        "project": one.project.name if one.project else None,
        "is_private": one.is_private,
        "by": more.get("by"),
    }
    return Happening(
        about=f"feedback.thread:{one.pk}",
        title=str(one),
        clients=[client for client in people.clients_in(one) if client.pk == client_id],
        owner=one.owner,
        values=values,
        path=portal_path("feedback:show", one.pk),
        console_path=f"/feedback/{one.pk}/",
    )


def _submitted(since: datetime) -> Iterator[Past]:
    found = Thread.objects.filter(created_at__gte=since).order_by("-created_at")
    rows = found.values_list("pk", "author_id", "created_at")
    return (Past({"thread_id": pk, "client_id": of}, at) for pk, of, at in rows)


def _replied(since: datetime) -> Iterator[Past]:
    before = Entry.objects.filter(thread=OuterRef("thread"), pk__lt=OuterRef("pk"))
    found = Entry.objects.shown_to_clients().filter(Exists(before), created_at__gte=since)
    for one in found.select_related("thread").order_by("-created_at", "-pk").iterator():
        who, by = (one.client_id, "client") if one.client_id else (one.thread.author_id, "staff")
        ids = {"thread_id": one.thread_id, "entry_id": one.pk, "client_id": who, "by": by}
        yield Past(ids, one.created_at)


def _resolved(since: datetime) -> Iterator[Past]:
    found = Thread.objects.not_merged().filter(resolved_at__gte=since).order_by("-resolved_at")
    rows = found.values_list("pk", "author_id", "resolved_at")
    return (Past({"thread_id": pk, "client_id": of}, at) for pk, of, at in rows if at)


TRIGGERS = [
    Trigger("feedback.submitted", "a client writes to you", read_thread, _submitted, THREAD),
    Trigger("feedback.replied", "somebody answers in a conversation", read_thread, _replied, REPLY),
    Trigger("feedback.resolved", "a conversation is settled", read_thread, _resolved, THREAD),
]

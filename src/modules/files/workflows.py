"""What workflows hear of files."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet

from modules.files.models import File, FileRequest, RequestItem
from modules.files.queries import people
from portal.links import portal_path
from portal.module import Happening, Offer, Past, Trigger, ValueKind
from portal.people.models import Client

FILE = [Offer("file", "the file's name"), Offer("project", "the project's name")]
REQUEST = [
    Offer("request", "what was asked for"),
    Offer("project", "the project's name"),
    Offer("due_on", "the day until which it is wanted", ValueKind.DATE),
]


def read_shared(*, file_id: int) -> Happening | None:
    """A file that clients see today, for those with whom it is shared."""
    one = File.objects.for_lists().filter(pk=file_id).first()
    return _of_file(one, people.readers(one)) if one and one.is_shared else None


def read_uploaded(*, file_id: int) -> Happening | None:
    """A file that a client sent, for that client alone, as long as it sees the file."""
    found = File.objects.there().filter(sent_by__isnull=False).for_lists().select_related("sent_by")
    one = found.filter(pk=file_id).first()
    return _of_file(one, [who for who in people.readers(one) if who == one.sent_by]) if one else None


def read_request(*, request_id: int) -> Happening | None:
    """A request that is not closed, for those of whom it asks something."""
    one = _requests().filter(pk=request_id, closed_at=None).first()
    return _of_request(one) if one else None


def read_met(*, request_id: int) -> Happening | None:
    """A request of which everything is accepted; whether it is closed since changes nothing."""
    one = _requests().filter(pk=request_id).first()
    return (
        _of_request(one) if one and not one.items.exclude(state=RequestItem.State.ACCEPTED).exists() else None
    )


def _requests() -> QuerySet[Any]:
    return FileRequest.objects.select_related("company", "client", "project")


def _of_request(one: FileRequest) -> Happening:
    return Happening(
        about=f"files.request:{one.pk}",
        title=one.title,
        clients=people.asked(one),
        owner=one.owner,
        values={"request": one.title, "project": _project(one), "due_on": one.due_on},
        path=portal_path("files:request", one.pk),
        console_path=f"/files/requests/{one.pk}/",
    )


def _of_file(one: File, clients: list[Client]) -> Happening:
    return Happening(
        about=f"files.file:{one.pk}",
        title=one.name,
        clients=clients,
        owner=one.owner,
        values={"file": one.name, "project": _project(one)},
        path=portal_path("files:show", one.pk),
        console_path=f"/files/{one.pk}/",
    )


def _project(one: File | FileRequest) -> str | None:
    return one.project.name if one.project else None


def _files(moment: str) -> Callable[[datetime], Iterator[Past]]:
    def past(since: datetime) -> Iterator[Past]:
        found = File.objects.there().filter(**{f"{moment}__gte": since}).order_by(f"-{moment}")
        # What clients sent is not "shared by you", and has no other moment than when it came.
        found = found.filter(sent_by__isnull=moment == "shared_at")
        return (Past({"file_id": pk}, at) for pk, at in found.values_list("pk", moment))

    return past


def _requested(since: datetime) -> Iterator[Past]:
    found = FileRequest.objects.filter(created_at__gte=since).order_by("-created_at")
    return (Past({"request_id": pk}, at) for pk, at in found.values_list("pk", "created_at"))


def _met(since: datetime) -> Iterator[Past]:
    unmet = RequestItem.objects.filter(request=OuterRef("pk")).exclude(state=RequestItem.State.ACCEPTED)
    met = FileRequest.objects.filter(~Exists(unmet)).annotate(met_at=Max("items__hand_ins__decided_at"))
    found = met.filter(met_at__gte=since).order_by("-met_at")
    return (Past({"request_id": pk}, at) for pk, at in found.values_list("pk", "met_at"))


TRIGGERS = [
    Trigger("files.shared", "a file is shared with a client", read_shared, _files("shared_at"), FILE),
    Trigger("files.uploaded", "a client sends a file", read_uploaded, _files("created_at"), FILE),
    Trigger("files.requested", "a client is asked for files", read_request, _requested, REQUEST),
    Trigger("files.request_met", "all that a client was asked for is accepted", read_met, _met, REQUEST),
]

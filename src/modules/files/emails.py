"""The mails of files: their declarations, and who gets which."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.formats import date_format

from modules.files.models import File, FileRequest, Folder, RequestItem
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Email
from portal.people.models import Client, Staff

MOST_NAMED = 12


def tell_shared(fresh: Mapping[Client, Sequence[File]]) -> None:
    """One mail to each client, for all that was shared with them at this moment."""
    for client, files in fresh.items():
        queue_mail("files.shared", client, words={"file_ids": [file.pk for file in files], **_named(files)})


def tell_requested(request: FileRequest, clients: Iterable[Client]) -> None:
    """Mail each what is asked for, with the way straight to it."""
    words = _of(request) | {"note": request.note, "items": [item.name for item in request.items.all()]}
    for client in clients:
        queue_mail("files.requested", client, words=words)


def remind(request: FileRequest, missing: list[str], clients: Iterable[Client]) -> None:
    """Mail each what is still missing."""
    for client in clients:
        queue_mail("files.reminder", client, words=_of(request) | {"items": missing})


def tell_rejected(item: RequestItem, note: str, clients: Iterable[Client]) -> None:
    """Mail each why something is wanted again."""
    words = _of(item.request) | {"item": item.name, "item_id": item.pk, "note": note}
    for client in clients:
        queue_mail("files.rejected", client, words=words)


def tell_uploaded(
    files: Sequence[File],
    client: Client,
    staff: Iterable[Staff],
    *,
    folder: Folder | None = None,
    item: RequestItem | None = None,
) -> None:
    """Mail staff what a client sent."""
    words = _named(files) | {"who": client.shown_name, "owner": str(files[0].owner)}
    words |= {"folder": folder.name if folder else "", "folder_id": folder.pk if folder else None}
    words |= {"item": item.name if item else "", "request_id": item.request.pk if item else None}
    for person in staff:
        queue_mail("files.uploaded", person, words=words)


def _named(files: Sequence[File]) -> dict[str, Any]:
    return {"files": [file.name for file in files[:MOST_NAMED]], "more": max(0, len(files) - MOST_NAMED)}


def _of(request: FileRequest) -> dict[str, Any]:
    due = date_format(request.due_on, "j F Y") if request.due_on else ""
    return {"request_id": request.pk, "title": request.title, "due": due}


def _shared(message: Message) -> Mapping[str, Any]:
    """Only what the client still sees when the mail leaves.

    Raises:
        Unsendable: nothing of it.
    """
    client, wanted = message.client, message.words["file_ids"]
    seen = list(File.objects.visible_to(client).filter(pk__in=wanted).order_by("pk")) if client else []
    if not seen:
        raise Unsendable("the client does not see them any more")
    agency = current_agency()
    one = len(seen) == 1
    url = portal_link(agency, "files:show", seen[0].pk) if one else portal_link(agency, "files:index")
    return _named(seen) | {"url": url}


def _wanted(message: Message) -> Mapping[str, Any]:
    """The way to the request.

    Raises:
        Unsendable: the client does not see it any more, or nothing of it is missing.
    """
    client, pk = message.client, message.words["request_id"]
    request = FileRequest.objects.visible_to(client).filter(pk=pk).first() if client else None
    if request is None or not RequestItem.objects.filter(request=request).wanted().exists():
        raise Unsendable("nothing is wanted from this client here any more")
    return {"url": portal_link(current_agency(), "files:request", pk)}


def _to_staff(message: Message) -> Mapping[str, Any]:
    words, agency = message.words, current_agency()
    if words["request_id"]:
        return {"url": console_link(agency, "files:request", words["request_id"])}
    return {"url": console_link(agency, "files:folder", words["folder_id"])}


def _email(key: str, label: str, prepare: Any, **sample: Any) -> Email:
    url = "https://example.com/files/7/"
    return Email(
        key=f"files.{key}",
        label=label,
        template=f"files/emails/{key}",
        sample={"url": url, **sample},
        prepare=prepare,
    )


_SAMPLE = {
    "title": "For your new website",
    "due": "5 January 2026",
    "items": ["Logo as SVG", "Contract scan"],
}
EMAILS = (
    _email("shared", "Files are shared", _shared, files=["Brand guide.pdf", "Logo.zip"], more=0),
    _email("requested", "Files are asked for", _wanted, note="The logo for the front page.", **_SAMPLE),
    _email("reminder", "Files are still missing", _wanted, **_SAMPLE),
    _email(
        "rejected",
        "A file is wanted again",
        _wanted,
        item="Logo as SVG",
        note="This is a photo of the logo. Could you send the drawing itself?",
        **_SAMPLE,
    ),
    _email(
        "uploaded",
        "A client sent files (to staff)",
        _to_staff,
        who="Maria Silva",
        owner="Brightside",
        files=["Logo.svg"],
        more=0,
        item="Logo as SVG",
        folder="",
    ),
)

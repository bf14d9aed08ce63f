"""The mails of files: their declarations, and who gets which."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format

from modules.files.models import File, FileRequest, Folder, RequestItem
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Email, Kind, Placeholder
from portal.people.models import Client, Staff

MOST_NAMED = 12
URL = {"url": Placeholder("The page where they are", Kind.LINK, needed=True)}
NAMES = {
    "files": Placeholder("The names of the files, each on a line", Kind.LONG),
    "file": Placeholder("Name of the file, if it is a single one"),
    "count": Placeholder("How many files, if there are several"),
}
TITLE = {"title": Placeholder("What the request is called")}
WANTED = TITLE | {
    "wanted": Placeholder("What is wanted, each on a line", Kind.LONG),
    "due": Placeholder("Day by which it is wanted, if there is one"),
}


def tell_shared(fresh: Mapping[Client, Sequence[File]]) -> None:
    """One mail to each client, for all that was shared with them at this moment."""
    for client, files in fresh.items():
        queue_mail("files.shared", client, words={"file_ids": [file.pk for file in files], **_named(files)})


def tell_requested(request: FileRequest, clients: Iterable[Client]) -> None:
    """Mail each what is asked for, with the way straight to it."""
    words = _of(request) | {
        "note": request.note,
        "wanted": _lines([item.name for item in request.items.all()]),
    }
    for client in clients:
        queue_mail("files.requested", client, words=words)


def tell_changed(
    request: FileRequest, added: list[str], new_day: date | None, clients: Iterable[Client]
) -> None:
    """Mail each what is wanted in addition, and the new day if there is one."""
    missing = [item.name for item in request.items.wanted()]
    words = _of(request) | {"added": _lines(added), "wanted": _lines(missing), "new_due": _day(new_day)}
    for client in clients:
        queue_mail("files.request_changed", client, words=words)


def remind(request: FileRequest, missing: list[str], clients: Iterable[Client]) -> None:
    """Mail each what is still missing."""
    for client in clients:
        queue_mail("files.reminder", client, words=_of(request) | {"wanted": _lines(missing)})


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
    names, more = [file.name for file in files[:MOST_NAMED]], len(files) - MOST_NAMED
    return {
        "files": _lines(names) + (f"\nand {more} more" if more > 0 else ""),
        "file": names[0] if len(files) == 1 else "",
        "count": len(files) if len(files) > 1 else "",
    }


def _lines(names: Iterable[str]) -> str:
    return "\n".join(f"• {name}" for name in names)


def _of(request: FileRequest) -> dict[str, Any]:
    return {"request_id": request.pk, "title": request.title, "due": _day(request.due_on)}


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


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


def _item_first(words: Mapping[str, Any]) -> Mapping[str, Any]:
    # What was asked for says more than the name of its file.
    return {"file": "", "count": ""} if words.get("item") else {}


def _email(
    key: str, label: str, prepare: Any, told: str, placeholders: Mapping[str, Placeholder], **more: Any
) -> Email:
    return Email(
        key=f"files.{key}",
        label=label,
        template=f"files/emails/{key}",
        prepare=prepare,
        told=told,
        placeholders={**URL, **placeholders},
        **{"sample": SAMPLE, **more},
    )


SAMPLE = {
    "url": "https://example.com/files/7/",
    "title": "For your new website",
    "due": "5 January 2026",
    "wanted": "• Logo as SVG\n• Contract scan",
    "added": "• Contract scan",
    "new_due": "5 January 2026",
    "note": "The logo for the front page.",
    "item": "Logo as SVG",
    "files": "• Brand guide.pdf\n• Logo.zip",
    "file": "",
    "count": 2,
}
EMAILS = (
    _email(
        "shared",
        "Files are shared",
        _shared,
        "Every client who sees files that are new to them, when you share them.",
        NAMES,
        digest="new",
    ),
    _email(
        "requested",
        "Files are asked for",
        _wanted,
        "The clients from whom you ask files, when the request is sent.",
        WANTED | {"note": Placeholder("What you wrote with the request", Kind.LONG)},
        digest="new",
    ),
    _email(
        "request_changed",
        "A request for files changed",
        _wanted,
        "The clients from whom files are asked, when you ask for more or set another day.",
        WANTED
        | {
            "added": Placeholder("What is asked for in addition, each on a line", Kind.LONG),
            "new_due": Placeholder("The day, if it is another one now"),
        },
        digest="new",
    ),
    _email(
        "reminder",
        "Files are still missing",
        _wanted,
        "The clients from whom files are still missing, on the days that the request says.",
        WANTED,
    ),
    _email(
        "rejected",
        "A file is wanted again",
        _wanted,
        "The clients from whom a file was asked, when you do not accept what came.",
        TITLE
        | {
            "item": Placeholder("What is wanted again"),
            "note": Placeholder("What you wrote about it", Kind.LONG),
        },
        sample=SAMPLE | {"note": "This is a photo of the logo. Could you send the drawing itself?"},
        digest="new",
    ),
    _email(
        "uploaded",
        "A client sent files (to staff)",
        _to_staff,
        "The staff in charge of the client, when files come in.",
        NAMES
        | {
            "who": Placeholder("Name of the client"),
            "owner": Placeholder("Company of the client, or the client"),
            "item": Placeholder("What was asked for, if the files answer a request"),
            "folder": Placeholder("Folder that the files went into, if any"),
        },
        sample=SAMPLE | {"who": "Maria Silva", "owner": "Brightside", "folder": "", "files": "• Logo.svg"},
        derive=_item_first,
        digest="new",
    ),
)

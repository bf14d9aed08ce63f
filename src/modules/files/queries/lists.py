"""Lists of files, folders and requests, as pages print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from modules.files.models import File, FileQuerySet, FileRequest, Folder, RequestItem, Version
from modules.files.queries.people import Owner, owner_fields
from modules.projects.models import Project
from portal.agency import current_agency
from portal.people.models import Client, Staff

SORTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "": ("Newest first", ("-created_at", "-pk")),
    "name": ("By name", ("name", "pk")),
    "size": ("Largest first", (F("current__upload__size").desc(nulls_last=True), "-pk")),
    "owner": ("By client", ("company__name", "client__name", "name", "pk")),
}
STATES = {
    "": "Everything",
    "shared": "Shared",
    "draft": "Drafts, for staff only",
    "expired": "Share is over",
    "sent": "Sent by clients",
    "held": "Being checked, or harmful",
}
MOST_CALLS = 20
ICONS = {"image": "image", "pdf": "pdf", "video": "video", "audio": "play"}


@dataclass(frozen=True)
class Row:
    """A file in a list."""

    file: File
    icon: str
    state: str
    tone: str
    size: int | None
    has_picture: bool


@dataclass(frozen=True)
class Call:
    """A request of which something is missing."""

    pk: int
    title: str
    due_on: date | None
    missing: int
    company_id: int | None


@dataclass(frozen=True)
class Calls:
    """What a client is asked to send; `any`: whether it was ever asked, or may put files somewhere."""

    asked: list[Call]
    any: bool


@dataclass(frozen=True)
class Level:
    """One folder as a client sees it: what lies in it, and the way up."""

    folder: Folder | None
    path: list[Folder]
    folders: list[Folder]
    files: FileQuerySet


def visible(client: Client, *, words: str = "") -> FileQuerySet:
    """What was shared with this client, newest first."""
    found = File.objects.visible_to(client).for_lists()
    return _named(found, words).order_by("-shared_at", "-pk")


def level_of(client: Client, folder_id: int | None) -> Level | None:
    """What a client sees at one place; None: it sees no such folder.

    Only folders that hold something shared with it, or into which it may put files, and those above them. What
    lies in a folder that it does not see, it sees at the top.
    """
    files = visible(client)
    known = {folder.pk: folder for folder in Folder.objects.visible_to(client)}
    holding = set(files.order_by().values_list("folder_id", flat=True))
    shown: set[int] = set()
    for pk, folder in known.items():
        if pk in holding or folder.takes_uploads:
            shown |= {one.pk for one in _chain(folder, known)}
    if folder_id is None:
        top = [known[pk] for pk in shown if known[pk].parent_id not in shown]
        lying = files.exclude(folder__in=shown) if shown else files
        return Level(None, [], _by_name(top), lying)
    if folder_id not in shown:
        return None
    inside = [known[pk] for pk in shown if known[pk].parent_id == folder_id]
    path = _chain(known[folder_id], known)
    return Level(known[folder_id], path, _by_name(inside), files.filter(folder=folder_id))


def for_staff(
    staff: Staff,
    *,
    words: str = "",
    owner: Owner | None = None,
    project: Project | None = None,
    state: str = "",
    sort: str = "",
) -> FileQuerySet:
    """The files outside the trash that this member of staff may see, filtered and ordered."""
    found = _named(File.objects.served_by(staff).there().for_lists(), words)
    if owner is not None:
        found = found.filter(**{key: value for key, value in owner_fields(owner).items() if value})
    if project is not None:
        found = found.filter(project=project)
    ordered: FileQuerySet = _in_state(found, state).order_by(*SORTS.get(sort, SORTS[""])[1])
    return ordered


def rows(files: Any) -> list[Row]:
    """Files with what a list prints of each. One question more, for all of them."""
    found = list(files)
    versions = [file.current_id for file in found if file.current_id]
    drawn = set(
        Version.objects.filter(pk__in=versions, previews__page=1).values_list("pk", flat=True)
        if versions
        else ()
    )
    return [_row(file, drawn) for file in found]


def plain_row(file: File) -> Row:
    """A file in a list without pictures."""
    return _row(file, set())


def requests_of(client: Client) -> QuerySet[Any]:
    """What this client is or was asked for, with how much is missing; what is open first."""
    found = FileRequest.objects.visible_to(client).select_related("company", "client", "project")
    return _counted(found).order_by(
        F("closed_at").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "-pk"
    )


def asked_now(client: Client) -> QuerySet[Any]:
    """Requests of which something is missing that this client can send."""
    return requests_of(client).filter(closed_at=None, missing__gt=0)


def calls_on(client: Client) -> Calls:
    """What this client is asked to send, and whether a folder or an older request is there; one question."""
    mine = FileRequest.objects.visible_to(client)
    columns = ("pk", "title", "due_on", "missing", "company_id")
    asked = _counted(mine).filter(closed_at=None, missing__gt=0).order_by().values_list(*columns)
    folders = Folder.objects.taking_uploads_of(client)
    there = _marked(folders, "name").union(_marked(mine, "title"), all=True)
    found = [Call(*row) for row in asked.union(there, all=True)]
    wanted = sorted(
        (call for call in found if call.missing), key=lambda call: (call.due_on is None, call.due_on, call.pk)
    )
    return Calls(wanted[:MOST_CALLS], bool(found))


def _marked(found: Any, name: str) -> Any:
    """Up to one row, in the shape of a call that asks for nothing."""
    empty = Cast(Value(None), DateField())
    return found.order_by().values_list("pk", name, empty, Value(0), "company_id")[:1]


def requests_for_staff(staff: Staff, *, words: str = "", show: str = "") -> QuerySet[Any]:
    """The requests that this member of staff may see: open ones, or all, newest first."""
    found = FileRequest.objects.served_by(staff).select_related("company", "client", "project", "asked_by")
    if words:
        found = found.filter(
            Q(title__icontains=words) | Q(company__name__icontains=words) | Q(client__name__icontains=words)
        )
    found = found if show == "all" else found.open()
    return _counted(found).order_by("-pk")


def _counted(found: QuerySet[Any]) -> QuerySet[Any]:
    def so_many(*states: str) -> Count:
        return Count("items", filter=Q(items__state__in=states))

    counted: QuerySet[Any] = found.annotate(
        total=Count("items"),
        missing=so_many(*RequestItem.WANTED),
        to_look_at=so_many(RequestItem.State.SENT),
        accepted=so_many(RequestItem.State.ACCEPTED),
    )
    return counted


def _named(found: FileQuerySet, words: str) -> FileQuerySet:
    for word in words.replace("\x00", "").split()[:6]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(note__icontains=word)
            | Q(company__name__icontains=word)
            | Q(client__name__icontains=word)
        )
    return found


def _in_state(found: FileQuerySet, state: str) -> FileQuerySet:
    over = Q(expires_on__lt=current_agency().today())
    conditions = {
        "shared": Q(shared_at__isnull=False) & ~over,
        "draft": Q(shared_at__isnull=True),
        "expired": Q(shared_at__isnull=False) & over,
        "sent": Q(sent_by__isnull=False),
        "held": ~Q(current__check_state__in=Version.SERVED) & Q(current__isnull=False),
    }
    return found.filter(conditions[state]) if state in conditions else found


def _row(file: File, drawn: set[int]) -> Row:
    version = file.current
    state, tone = _state(file, version)
    icon = "link" if file.link else ICONS.get(version.kind if version else "", "file")
    size = version.upload.size if version else None
    return Row(file, icon, state, tone, size, bool(version and version.pk in drawn and version.is_served))


def _state(file: File, version: Version | None) -> tuple[str, str]:
    if version is not None and not version.is_served:
        is_waiting = version.check_state == Version.Check.WAITING
        return str(version.get_check_state_display()), "notice" if is_waiting else "negative"
    if file.shared_at is None:
        return "Draft", ""
    if file.is_expired:
        return "Share is over", "warning"
    return "Shared", "positive"


def _chain(folder: Folder, known: dict[int, Folder]) -> list[Folder]:
    """From the topmost folder that is known down to this one."""
    chain = [folder]
    while (above := chain[0].parent_id) in known and len(chain) < 20:
        chain.insert(0, known[above])
    return chain


def _by_name(folders: list[Folder]) -> list[Folder]:
    return sorted(folders, key=lambda folder: (folder.name.lower(), folder.pk))

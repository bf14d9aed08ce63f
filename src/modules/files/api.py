"""Files for the agency's own programs: the operations of the console's pages."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404
from ninja import File as FromForm
from ninja import Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from kit.refused import Refused
from modules.files import operations
from modules.files.models import File, FileRequest, Folder, HandIn
from modules.files.operations import Wanted
from modules.files.queries import people
from modules.files.queries.people import word_of
from modules.projects.models import Project
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Client

router = Router(tags=["files"])
OWNER = 'Whose it is: "company-3" or "client-5".'


class FileOut(Schema):
    """A file or link, and how it is shared."""

    id: int
    owner: str = Field(description=OWNER)
    name: str
    note: str
    link: str
    folder_id: int | None
    project_id: int | None
    version: int | None
    content_type: str
    size: int | None
    sha256: str
    shared_at: datetime | None
    audience: str
    contacts: list[int]
    expires_on: date | None
    can_download: bool
    is_marked: bool = Field(description="What clients get bears their name.")
    created_at: datetime


class ShareIn(Schema):
    """Who sees it from now on."""

    audience: Literal["owner", "contacts", "project"] = "owner"
    contacts: list[int] = []
    expires_on: date | None = None
    can_download: bool = True
    is_marked: bool | None = Field(
        None, description="Put the reader's name on every page or picture; empty: as it is."
    )
    tell: bool = True


class LinkIn(Schema):
    """A file that lies elsewhere."""

    owner: str = Field(description=OWNER)
    link: str
    name: str
    words: str = ""
    project_id: int | None = None
    folder_id: int | None = None


class ItemOut(Schema):
    """One thing that is asked for."""

    id: int
    name: str
    formats: list[str]
    most_bytes: int | None
    state: str
    hand_ins: list[dict[str, Any]]


class RequestOut(Schema):
    """What a client is asked for."""

    id: int
    owner: str = Field(description=OWNER)
    title: str
    note: str
    project_id: int | None
    due_on: date | None
    closed_at: datetime | None
    created_at: datetime
    items: list[ItemOut]


class ItemIn(Schema):
    """One thing to ask for; no formats: any file."""

    name: str
    formats: list[str] = []
    most_bytes: int | None = Field(None, gt=0)


class RequestIn(Schema):
    """A new request; without contacts, everybody of the company is asked."""

    owner: str = Field(description=OWNER)
    title: str
    words: str = ""
    items: list[ItemIn]
    contacts: list[int] = []
    project_id: int | None = None
    due_on: date | None = None


class VerdictIn(Schema):
    """Whether what was sent is right; a rejection says why."""

    verdict: Literal["accepted", "rejected"]
    note: str = ""


@router.get("/", response={200: Paged[FileOut], **ANSWERS})
def list_files(request: Request, paging: Query[Paging], project_id: int | None = None) -> dict[str, Any]:
    """All files outside the trash, newest first."""
    found = File.objects.there().for_lists()
    return paged(found.filter(project=project_id) if project_id is not None else found, paging, file_out)


@router.post("/", response={201: list[FileOut], **ANSWERS})
def upload(
    request: Request,
    files: FromForm[list[UploadedFile]],
    owner: Form[str],
    words: Form[str] = "",
    folder_id: Form[int | None] = None,
    project_id: Form[int | None] = None,
) -> tuple[int, list[dict[str, Any]]]:
    """Keep files as drafts, as multipart/form-data. No client sees them until they are shared."""
    made = operations.add_files(
        _owner(owner),
        files=files,
        by=request.staff,
        words=words,
        folder=_folder(folder_id),
        project=_project(project_id),
        trail={"request": request},
    )
    return 201, [file_out(_file(file.pk)) for file in made]


@router.post("/links/", response={201: FileOut, **ANSWERS})
def create_link(request: Request, payload: LinkIn) -> tuple[int, dict[str, Any]]:
    """Keep a link as a draft."""
    made = operations.add_link(
        _owner(payload.owner),
        link=payload.link,
        name=payload.name,
        words=payload.words,
        folder=_folder(payload.folder_id),
        project=_project(payload.project_id),
        by=request.staff,
        trail={"request": request},
    )
    return 201, file_out(_file(made.pk))


@router.get("/requests/", response={200: Paged[RequestOut], **ANSWERS})
def list_requests(request: Request, paging: Query[Paging], only_open: bool = False) -> dict[str, Any]:
    """All requests, newest first."""
    found = FileRequest.objects.select_related("company", "client").prefetch_related("items__hand_ins")
    return paged(found.open() if only_open else found, paging, request_out)


@router.post("/requests/", response={201: RequestOut, **ANSWERS})
def ask(request: Request, payload: RequestIn) -> tuple[int, dict[str, Any]]:
    """Ask a client for files, who gets a mail."""
    made = operations.request_files(
        _owner(payload.owner),
        title=payload.title,
        words=payload.words,
        items=[Wanted(one.name, one.formats, one.most_bytes) for one in payload.items],
        contacts=_clients(payload.contacts),
        project=_project(payload.project_id),
        due_on=payload.due_on,
        by=request.staff,
        trail={"request": request},
    )
    return 201, request_out(_request(made.pk))


@router.get("/requests/{int:request_id}/", response={200: RequestOut, **ANSWERS})
def show_request(request: Request, request_id: int) -> dict[str, Any]:
    """One request with its items."""
    return request_out(_request(request_id))


@router.post("/hand-ins/{int:hand_in_id}/verdict/", response={200: RequestOut, **ANSWERS})
def decide(request: Request, hand_in_id: int, payload: VerdictIn) -> dict[str, Any]:
    """Accept what a client sent, or say what is wrong with it."""
    found = HandIn.objects.select_related("item__request", "file").filter(pk=hand_in_id).first()
    if found is None:
        raise Http404
    act = operations.accept if payload.verdict == "accepted" else operations.reject
    item = act(found, by=request.staff, note=payload.note, trail={"request": request})
    return request_out(_request(item.request_id))


@router.get("/{int:file_id}/", response={200: FileOut, **ANSWERS})
def show(request: Request, file_id: int) -> dict[str, Any]:
    """One file."""
    return file_out(_file(file_id))


@router.post("/{int:file_id}/versions/", response={201: FileOut, **ANSWERS})
def replace(
    request: Request, file_id: int, file: FromForm[UploadedFile], words: Form[str] = ""
) -> tuple[int, dict[str, Any]]:
    """Replace what is behind the address, as multipart/form-data."""
    operations.add_version(
        _file(file_id), sent=file, by=request.staff, words=words, trail={"request": request}
    )
    return 201, file_out(_file(file_id))


@router.put("/{int:file_id}/share/", response={200: FileOut, **ANSWERS})
def share(request: Request, file_id: int, payload: ShareIn) -> dict[str, Any]:
    """Share it, or change how it is shared."""
    fields = payload.dict(exclude={"contacts"})
    contacts = _clients(payload.contacts)
    trail: operations.Trail = {"request": request}
    operations.share([_file(file_id)], by=request.staff, contacts=contacts, trail=trail, **fields)
    return file_out(_file(file_id))


@router.delete("/{int:file_id}/share/", response={200: FileOut, **ANSWERS})
def unshare(request: Request, file_id: int) -> dict[str, Any]:
    """Make it a draft again."""
    operations.unshare(_file(file_id), by=request.staff, trail={"request": request})
    return file_out(_file(file_id))


@router.delete("/{int:file_id}/", response={204: None, **ANSWERS})
def delete(request: Request, file_id: int) -> tuple[int, None]:
    """Put it into the trash, for thirty days."""
    operations.delete_file(_file(file_id), by=request.staff, trail={"request": request})
    return 204, None


def file_out(file: File) -> dict[str, Any]:
    """A file as the API shows it."""
    names = ("name", "note", "link", "folder_id", "project_id", "shared_at", "audience", "expires_on")
    more = ("can_download", "is_marked", "created_at")
    current = file.current
    upload = current.upload if current else None
    return {
        "id": file.pk,
        "owner": word_of(file.owner),
        **{name: getattr(file, name) for name in (*names, *more)},
        "contacts": file.private_to,
        "version": current.number if current else None,
        "content_type": upload.content_type if upload else "",
        "size": upload.size if upload else None,
        "sha256": upload.sha256 if upload else "",
    }


def request_out(asked: FileRequest) -> dict[str, Any]:
    """A request as the API shows it."""
    names = ("title", "note", "project_id", "due_on", "closed_at", "created_at")
    hand_in = ("id", "file_id", "verdict", "verdict_note", "created_at")
    return {
        "id": asked.pk,
        "owner": word_of(asked.owner),
        **{name: getattr(asked, name) for name in names},
        "items": [
            {
                **{key: getattr(item, key) for key in ("id", "name", "formats", "most_bytes", "state")},
                "hand_ins": [{key: getattr(one, key) for key in hand_in} for one in item.hand_ins.all()],
            }
            for item in asked.items.all()
        ],
    }


def _file(file_id: int) -> File:
    found: File | None = File.objects.there().for_lists().filter(pk=file_id).first()
    if found is None:
        raise Http404
    return found


def _request(request_id: int) -> FileRequest:
    found: FileRequest | None = FileRequest.objects.filter(pk=request_id).first()
    if found is None:
        raise Http404
    return found


def _owner(word: str) -> people.Owner:
    owner = people.owner_of(word)
    if owner is None:
        raise Refused("There is no such company or client.", field="owner")
    return owner


def _project(pk: int | None) -> Project | None:
    found: Project | None = _named(Project.objects.open(), pk, "project_id")
    return found


def _folder(pk: int | None) -> Folder | None:
    found: Folder | None = _named(Folder.objects.all(), pk, "folder_id")
    return found


def _named(found: Any, pk: int | None, field: str) -> Any:
    if pk is None:
        return None
    row = found.filter(pk=pk).first()
    if row is None:
        raise Refused("There is no such thing.", field=field)
    return row


def _clients(ids: list[int]) -> list[Client]:
    found = list(Client.objects.filter(pk__in=ids))
    if len(found) != len(set(ids)):
        raise Refused("One of these clients does not exist.", field="contacts")
    return found

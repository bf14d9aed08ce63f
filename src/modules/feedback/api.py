"""Feedback for the agency's own programs: reading, answering, settling. Internal notes are not in here at all."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from kit.refused import Refused
from modules.feedback import operations
from modules.feedback.models import Kind, State, Thread
from modules.feedback.queries import lists
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Staff

router = Router(tags=["feedback"])
SHOWN: tuple[str, ...] = (
    "kind",
    "subject",
    "state",
    "author_id",
    "company_id",
    "project_id",
    "assignee_id",
    "tags",
    "rating",
)
SHOWN += ("answer_due_at", "created_at", "last_said_at")


class FileOut(Schema):
    """A file of an entry."""

    name: str
    content_type: str
    size: int
    sha256: str


class EntryOut(Schema):
    """What a client or a member of staff said, as both sides read it."""

    id: int
    client_id: int | None
    staff_id: int | None
    text: str
    is_by_mail: bool
    created_at: datetime
    files: list[FileOut]


class ThreadOut(Schema):
    """A conversation."""

    id: int
    kind: Kind
    subject: str
    state: State
    author_id: int
    company_id: int | None
    project_id: int | None
    assignee_id: int | None
    tags: list[str]
    rating: str
    answer_due_at: datetime | None
    created_at: datetime
    last_said_at: datetime


class ThreadWithEntries(ThreadOut):
    """A conversation with what was said, oldest first."""

    entries: list[EntryOut]


class ReplyIn(Schema):
    """An answer to the client, in the name of the key's maker."""

    text: str = Field(min_length=1, max_length=operations.LONGEST_TEXT)
    then: Literal["waiting_client", "open", "resolved"] = "waiting_client"


class AssignmentIn(Schema):
    """Whose work it becomes."""

    staff_id: int


@router.get("/", response={200: Paged[ThreadOut], **ANSWERS})
def list_threads(
    request: Request, paging: Query[Paging], state: State | None = None, project_id: int | None = None
) -> dict[str, Any]:
    """All conversations, newest first; those that were merged into others are left out."""
    found = lists.of_agency().not_merged()
    if state is not None:
        found = found.filter(state=state)
    return paged(found.filter(project=project_id) if project_id else found, paging, thread_out)


@router.get("/{int:thread_id}/", response={200: ThreadWithEntries, **ANSWERS})
def show(request: Request, thread_id: int) -> dict[str, Any]:
    """One conversation with what was said."""
    return with_entries(_thread(thread_id))


@router.post("/{int:thread_id}/replies/", response={201: ThreadWithEntries, **ANSWERS})
def reply(request: Request, thread_id: int, payload: ReplyIn) -> tuple[int, dict[str, Any]]:
    """Answer the client, who is mailed."""
    said = operations.reply_as_staff(
        _thread(thread_id), by=request.staff, trail={"request": request}, **payload.dict()
    )
    return 201, with_entries(_thread(said.thread_id))


@router.put("/{int:thread_id}/resolution/", response={200: ThreadWithEntries, **ANSWERS})
def resolve(request: Request, thread_id: int) -> dict[str, Any]:
    """Settle it; the client is mailed."""
    done = operations.resolve(_thread(thread_id), by=request.staff, trail={"request": request})
    return with_entries(done)


@router.delete("/{int:thread_id}/resolution/", response={200: ThreadWithEntries, **ANSWERS})
def reopen(request: Request, thread_id: int) -> dict[str, Any]:
    """Open it again."""
    done = operations.reopen(_thread(thread_id), by=request.staff, trail={"request": request})
    return with_entries(done)


@router.put("/{int:thread_id}/assignment/", response={200: ThreadWithEntries, **ANSWERS})
def assign(request: Request, thread_id: int, payload: AssignmentIn) -> dict[str, Any]:
    """Make it the work of a member of staff."""
    to = Staff.objects.filter(pk=payload.staff_id, is_active=True).first()
    if to is None:
        raise Refused("There is no such member of staff.", field="staff_id")
    thread = _thread(thread_id)
    return with_entries(operations.assign(thread, to, by=request.staff, trail={"request": request}))


def thread_out(thread: Thread) -> dict[str, Any]:
    """A conversation as the API shows it."""
    return {"id": thread.pk, **{name: getattr(thread, name) for name in SHOWN}}


def with_entries(thread: Thread) -> dict[str, Any]:
    """A conversation with what both sides read of it."""
    entries = [
        {
            "id": entry.pk,
            **{
                name: getattr(entry, name)
                for name in ("client_id", "staff_id", "text", "is_by_mail", "created_at")
            },
            "files": [attachment.upload for attachment in entry.attachments.all()],
        }
        for entry in thread.entries.shown_to_clients().in_order()
    ]
    return {**thread_out(thread), "entries": entries}


def _thread(thread_id: int) -> Thread:
    found: Thread | None = lists.of_agency().filter(pk=thread_id).first()
    if found is None:
        raise Http404
    return found

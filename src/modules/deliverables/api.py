"""Deliverables for the agency's own programs: the operations of the console's pages.

Decisions are read here and never made: only a client decides, signed in on the portal.
"""

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from kit.refused import Refused
from modules.deliverables.models import Deliverable, State
from modules.deliverables.operations import (
    add_version,
    create_deliverable,
    edit_deliverable,
    mark_ready,
    restore,
    withdraw,
)
from modules.projects.models import Project
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Client

router = Router(tags=["deliverables"])


class FileOut(Schema):
    """A file of a version."""

    name: str
    content_type: str
    size: int
    sha256: str


class DecisionOut(Schema):
    """What a client decided about a version."""

    client_id: int
    verdict: str
    reason: str
    version_sha256: str
    created_at: datetime
    undone_at: datetime | None


class VersionOut(Schema):
    """What was handed in at one time, and what was decided about it."""

    number: int
    note: str
    shown_at: datetime | None
    locked_at: datetime | None
    locked_sha256: str
    files: list[FileOut]
    decisions: list[DecisionOut]


class DeliverableOut(Schema):
    """A piece of work that clients review."""

    id: int
    project_id: int
    name: str
    brief: str
    state: State
    rule: str
    due_on: date | None
    rounds_used: int
    created_at: datetime


class DeliverableWithVersions(DeliverableOut):
    """A deliverable with its versions, newest first."""

    reviewers: list[int]
    versions: list[VersionOut]


class DeliverableFields(Schema):
    """What may be set; what is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=160)
    brief: str | None = None
    rule: Deliverable.Rule | None = None
    due_on: date | None = None


class DeliverableIn(DeliverableFields):
    """A new deliverable. Without reviewers, every client who sees the project and may approve decides."""

    project_id: int
    name: str = Field(min_length=1, max_length=160)
    reviewers: list[int] | None = None


@router.get("/", response={200: Paged[DeliverableOut], **ANSWERS})
def list_deliverables(
    request: Request, paging: Query[Paging], project_id: int | None = None, state: State | None = None
) -> dict[str, Any]:
    """All deliverables of the agency, newest first."""
    found = Deliverable.objects.all()
    if project_id is not None:
        found = found.filter(project=project_id)
    return paged(found.filter(state=state) if state else found, paging, deliverable_out)


@router.post("/", response={201: DeliverableWithVersions, **ANSWERS})
def create(request: Request, payload: DeliverableIn) -> tuple[int, dict[str, Any]]:
    """Make a draft that no client sees yet."""
    fields = payload.dict(exclude_unset=True, exclude={"project_id", "reviewers"})
    project = Project.objects.filter(pk=payload.project_id).first()
    if project is None:
        raise Refused("There is no such project.", field="project_id")
    made = create_deliverable(
        project,
        by=request.staff,
        reviewers=_clients(payload.reviewers),
        trail={"request": request},
        **fields,
    )
    return 201, with_versions(made)


@router.get("/{int:deliverable_id}/", response={200: DeliverableWithVersions, **ANSWERS})
def show(request: Request, deliverable_id: int) -> dict[str, Any]:
    """One deliverable with its versions and decisions."""
    return with_versions(_deliverable(deliverable_id))


@router.patch("/{int:deliverable_id}/", response={200: DeliverableWithVersions, **ANSWERS})
def change(request: Request, deliverable_id: int, payload: DeliverableFields) -> dict[str, Any]:
    """Change what is given; an approved deliverable is locked."""
    fields = payload.dict(exclude_unset=True)
    edit_deliverable(_deliverable(deliverable_id), by=request.staff, trail={"request": request}, **fields)
    return with_versions(_deliverable(deliverable_id))


@router.post("/{int:deliverable_id}/versions/", response={201: DeliverableWithVersions, **ANSWERS})
def create_version(
    request: Request, deliverable_id: int, files: File[list[UploadedFile]], note: Form[str] = ""
) -> tuple[int, dict[str, Any]]:
    """Hand in the next version, as multipart/form-data. Clients see it once it is ready for review."""
    deliverable = _deliverable(deliverable_id)
    add_version(deliverable, files=files, by=request.staff, note=note, trail={"request": request})
    return 201, with_versions(_deliverable(deliverable_id))


@router.post("/{int:deliverable_id}/readiness/", response={200: DeliverableWithVersions, **ANSWERS})
def make_ready(request: Request, deliverable_id: int) -> dict[str, Any]:
    """Ready for review: the newest version is shown, and the reviewers get a mail."""
    mark_ready(_deliverable(deliverable_id), by=request.staff, trail={"request": request})
    return with_versions(_deliverable(deliverable_id))


@router.put("/{int:deliverable_id}/withdrawal/", response={200: DeliverableWithVersions, **ANSWERS})
def take_back(request: Request, deliverable_id: int) -> dict[str, Any]:
    """Withdraw it from review."""
    withdraw(_deliverable(deliverable_id), by=request.staff, trail={"request": request})
    return with_versions(_deliverable(deliverable_id))


@router.delete("/{int:deliverable_id}/withdrawal/", response={200: DeliverableWithVersions, **ANSWERS})
def bring_back(request: Request, deliverable_id: int) -> dict[str, Any]:
    """Take up a withdrawn deliverable again."""
    restore(_deliverable(deliverable_id), by=request.staff, trail={"request": request})
    return with_versions(_deliverable(deliverable_id))


def deliverable_out(deliverable: Deliverable) -> dict[str, Any]:
    """A deliverable as the API shows it."""
    names = ("project_id", "name", "brief", "state", "rule", "due_on", "rounds_used", "created_at")
    return {"id": deliverable.pk, **{name: getattr(deliverable, name) for name in names}}


def with_versions(deliverable: Deliverable) -> dict[str, Any]:
    """A deliverable with its versions, their files and decisions."""
    versions = deliverable.versions.prefetch_related("files__upload", "decisions")
    reviewers = deliverable.reviewers.filter(decides=True).values_list("client_id", flat=True)
    return {
        **deliverable_out(deliverable),
        "reviewers": list(reviewers),
        "versions": [
            {
                "number": version.number,
                "note": version.note,
                "shown_at": version.shown_at,
                "locked_at": version.locked_at,
                "locked_sha256": version.locked_sha256,
                "files": [file.upload for file in version.files.all()],
                "decisions": list(version.decisions.all()),
            }
            for version in versions
        ],
    }


def _deliverable(deliverable_id: int) -> Deliverable:
    found: Deliverable | None = (
        Deliverable.objects.select_related("project").filter(pk=deliverable_id).first()
    )
    if found is None:
        raise Http404
    return found


def _clients(ids: list[int] | None) -> list[Client] | None:
    if ids is None:
        return None
    found = list(Client.objects.filter(pk__in=ids))
    if len(found) != len(set(ids)):
        raise Refused("One of these clients does not exist.", field="reviewers")
    return found

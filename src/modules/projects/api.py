"""Projects for the agency's own programs: the operations of the console's pages."""

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from kit.refused import Refused
from modules.projects.models import Milestone, Project, Update
from modules.projects.operations import (
    add_milestone,
    archive_project,
    create_project,
    edit_milestone,
    edit_project,
    post_update,
    restore_project,
)
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Client, Company

router = Router(tags=["projects"])


class MilestoneOut(Schema):
    """A step of a project."""

    id: int
    name: str
    note: str
    state: str
    weight: int
    due_on: date | None


class ProjectOut(Schema):
    """A project; `progress` is the weighted share of its milestones that are done, null without any."""

    id: int
    name: str
    summary: str
    status: str
    health: str
    company_id: int | None
    client_id: int | None
    starts_on: date | None
    ends_on: date | None
    progress: int | None
    archived_at: datetime | None
    created_at: datetime


class ProjectWithMilestones(ProjectOut):
    """A project with its milestones, in order."""

    milestones: list[MilestoneOut]


class ProjectFields(Schema):
    """What may be set; what is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=160)
    summary: str | None = None
    status: Project.Status | None = None
    health: Project.Health | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class ProjectIn(ProjectFields):
    """A new project, of a company or of a lone client."""

    name: str = Field(min_length=1, max_length=160)
    company_id: int | None = None
    client_id: int | None = None


class MilestoneFields(Schema):
    """What may be set of a milestone."""

    name: str | None = Field(None, min_length=1, max_length=160)
    note: str | None = None
    state: Milestone.State | None = None
    weight: int | None = Field(None, ge=1, le=100)
    due_on: date | None = None


class MilestoneIn(MilestoneFields):
    """A new milestone, at the end."""

    name: str = Field(min_length=1, max_length=160)


class UpdateIn(Schema):
    """News for the clients of the project; each gets it by mail."""

    text: str = Field(min_length=1, max_length=10_000)


class UpdateOut(Schema):
    """News of a project."""

    id: int
    text: str
    created_at: datetime


@router.get("/", response={200: Paged[ProjectOut], **ANSWERS})
def list_projects(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """All projects of the agency, newest first, archived ones included."""
    return paged(Project.objects.prefetch_related("milestones"), paging, project_out)


@router.post("/", response={201: ProjectWithMilestones, **ANSWERS})
def create(request: Request, payload: ProjectIn) -> tuple[int, dict[str, Any]]:
    """Make a project; name exactly one of company_id and client_id."""
    fields = payload.dict(exclude_unset=True, exclude={"company_id", "client_id"})
    owner = _owner(payload.company_id, payload.client_id)
    made = create_project(owner=owner, by=request.staff, trail={"request": request}, **fields)
    return 201, project_with_milestones(made)


@router.get("/{int:project_id}/", response={200: ProjectWithMilestones, **ANSWERS})
def show(request: Request, project_id: int) -> dict[str, Any]:
    """One project with its milestones."""
    return project_with_milestones(_project(project_id))


@router.patch("/{int:project_id}/", response={200: ProjectWithMilestones, **ANSWERS})
def change(request: Request, project_id: int, payload: ProjectFields) -> dict[str, Any]:
    """Change what is given."""
    fields = payload.dict(exclude_unset=True)
    edit_project(_project(project_id), by=request.staff, trail={"request": request}, **fields)
    return project_with_milestones(_project(project_id))


@router.put("/{int:project_id}/archival/", response={200: ProjectWithMilestones, **ANSWERS})
def archive(request: Request, project_id: int) -> dict[str, Any]:
    """Close it for changes; its clients still read it."""
    archive_project(_project(project_id), by=request.staff, trail={"request": request})
    return project_with_milestones(_project(project_id))


@router.delete("/{int:project_id}/archival/", response={200: ProjectWithMilestones, **ANSWERS})
def restore(request: Request, project_id: int) -> dict[str, Any]:
    """Take it out of the archive."""
    restore_project(_project(project_id), by=request.staff, trail={"request": request})
    return project_with_milestones(_project(project_id))


@router.post("/{int:project_id}/milestones/", response={201: MilestoneOut, **ANSWERS})
def create_milestone(request: Request, project_id: int, payload: MilestoneIn) -> tuple[int, dict[str, Any]]:
    """Add a milestone at the end."""
    fields = payload.dict(exclude_unset=True)
    made = add_milestone(_project(project_id), by=request.staff, trail={"request": request}, **fields)
    return 201, milestone_out(made)


@router.patch("/{int:project_id}/milestones/{int:milestone_id}/", response={200: MilestoneOut, **ANSWERS})
def change_milestone(
    request: Request, project_id: int, milestone_id: int, payload: MilestoneFields
) -> dict[str, Any]:
    """Change what is given of a milestone."""
    milestone = Milestone.objects.filter(project=project_id, pk=milestone_id).first()
    if milestone is None:
        raise Http404
    fields = payload.dict(exclude_unset=True)
    return milestone_out(edit_milestone(milestone, by=request.staff, trail={"request": request}, **fields))


@router.post("/{int:project_id}/updates/", response={201: UpdateOut, **ANSWERS})
def create_update(request: Request, project_id: int, payload: UpdateIn) -> tuple[int, Update]:
    """Tell the project's clients something."""
    project = _project(project_id)
    return 201, post_update(project, text=payload.text, by=request.staff, trail={"request": request})


def project_out(project: Project) -> dict[str, Any]:
    """A project as the API shows it."""
    names = (
        "name", "summary", "status", "health", "company_id", "client_id", "starts_on", "ends_on",
        "archived_at", "created_at",
    )  # fmt: skip
    fields = {name: getattr(project, name) for name in names}
    return {"id": project.pk, "progress": project.progress.percent if project.progress else None, **fields}


def project_with_milestones(project: Project) -> dict[str, Any]:
    """A project with its milestones in order."""
    return {**project_out(project), "milestones": [milestone_out(m) for m in project.milestones.all()]}


def milestone_out(milestone: Milestone) -> dict[str, Any]:
    """A milestone as the API shows it."""
    names = ("name", "note", "state", "weight", "due_on")
    return {"id": milestone.pk, **{name: getattr(milestone, name) for name in names}}


def _project(project_id: int) -> Project:
    found: Project | None = Project.objects.filter(pk=project_id).first()
    if found is None:
        raise Http404
    return found


def _owner(company_id: int | None, client_id: int | None) -> Company | Client:
    if (company_id is None) == (client_id is None):
        raise Refused("Name exactly one of company_id and client_id.", field="company_id")
    if company_id is not None:
        owner: Company | Client | None = Company.objects.filter(pk=company_id).first()
    elif client_id is not None:
        owner = Client.objects.filter(pk=client_id).first()
    else:
        owner = None
    if owner is None:
        raise Refused("There is no such owner.", field="company_id" if company_id else "client_id")
    return owner

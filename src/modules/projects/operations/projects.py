"""A project's own life: made, edited, archived, restored."""

from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction

from kit import clock
from kit.refused import NotValid
from kit.typed import apply, check_fields
from modules.projects.models import Project
from modules.projects.operations.checks import lock
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people import charge
from portal.people.models import Client, Company, Staff


class ProjectFields(TypedDict, total=False):
    """What staff decide about a project. Left out: as it was, or the model's default."""

    name: str
    summary: str
    status: str
    status_label: str
    health: str
    lead: Staff | None
    starts_on: date | None
    ends_on: date | None
    progress_override: int | None
    progress_reason: str
    rounds_included: int


@transaction.atomic
def create_project(
    *,
    owner: Company | Client,
    by: Staff | None,
    trail: Trail | None = None,
    **fields: Unpack[ProjectFields],
) -> Project:
    """Make a project for a company or a lone client, who sees it from now on.

    Args:
        by: who makes it; None through a door without a person (API key).

    Raises:
        NotValid: a field's value is refused; `field` says which.
        NotServed: the lead does not see the owner.
    """
    project = Project(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
    )
    apply(project, fields)
    _check(project)
    charge.need(project.lead, owner, field="lead")
    project.save()
    record("projects.created", project, by=by, summary=f"Created the project {project}", **(trail or {}))
    publish("projects.created", project_id=project.pk)
    return project


@transaction.atomic
def edit_project(
    project: Project, *, by: Staff | None, trail: Trail | None = None, **fields: Unpack[ProjectFields]
) -> Project:
    """Change what is given, leave the rest.

    Raises:
        NotValid: a field's value is refused; `field` says which.
        ArchivedProject: it is only read.
        NotServed: the new lead does not see the owner.
    """
    locked = lock(project)
    change = apply(locked, fields)
    _check(locked)
    if "lead" in change:
        charge.need(locked.lead, locked.owner, field="lead")
    if change:
        locked.save()
        summary = f"Changed the project {locked}"
        record("projects.edited", locked, by=by, summary=summary, change=change, **(trail or {}))
    return locked


@transaction.atomic
def archive_project(project: Project, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Close it for changes; its clients still read it. Archiving twice does nothing more."""
    if Project.objects.filter(pk=project.pk, archived_at__isnull=True).update(archived_at=clock.now()):
        record("projects.archived", project, by=by, summary=f"Archived {project}", **(trail or {}))


@transaction.atomic
def restore_project(project: Project, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Take it out of the archive as it was."""
    if Project.objects.filter(pk=project.pk, archived_at__isnull=False).update(archived_at=None):
        record("projects.restored", project, by=by, summary=f"Restored {project}", **(trail or {}))


def _check(project: Project) -> None:
    check_fields(project, list(ProjectFields.__annotations__))
    if project.starts_on and project.ends_on and project.ends_on < project.starts_on:
        raise NotValid("The end lies before the start.", field="ends_on")
    if project.progress_override is None:
        project.progress_reason = ""  # a reason for nothing
        return
    if project.progress_override > 100:
        raise NotValid("A percentage lies between 0 and 100.", field="progress_override")
    if not project.progress_reason:
        raise NotValid("Say why you set it by hand. Only staff read this.", field="progress_reason")

"""What the portal's dashboard and menu say about projects."""

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from modules.projects.models import Project, Task, Update, UpdateComment
from portal.http import Request
from portal.module import Card, Waiting
from portal.people.models import Staff

SHOWN = 3
MOST_WAITING = 100


def load(request: Request) -> Mapping[str, Any] | None:
    """The first projects of this client with progress and next deadline; None when it has none."""
    mine = Project.objects.visible_to(request.client).work_first().for_lists()
    projects = list(mine[: SHOWN + 1])
    setattr(request, "projects_newest", projects)  # noqa: B010 (only has_content knows it)
    if not projects:
        return None
    return {"projects": projects[:SHOWN], "has_more": len(projects) > SHOWN}


def staff_waiting(staff: Staff) -> list[Waiting]:
    """Tasks of running projects that are theirs, and clients' words under updates that nobody has answered."""
    return _tasks(staff) + _unanswered(staff)


def has_content(request: Request) -> bool:
    """Whether this client has any project, archived ones included: they can be read."""
    if (newest := getattr(request, "projects_newest", None)) is not None:
        return bool(newest)
    return Project.objects.visible_to(request.client).exists()


def has_projects() -> bool:
    """Whether the agency has made one: its first step is done."""
    return Project.objects.exists()


def _tasks(staff: Staff) -> list[Waiting]:
    served = Project.objects.served_by(staff).filter(archived_at=None)
    mine = Task.objects.filter(assignee=staff, done_at=None, project__in=served).select_related("project")
    return [
        Waiting(
            task.title, reverse("projects:tasks", args=[task.project_id]), task.due_on, note=task.project.name
        )
        for task in mine[:MOST_WAITING]
    ]


def _unanswered(staff: Staff) -> list[Waiting]:
    newest = UpdateComment.objects.filter(update=OuterRef("pk")).order_by("-created_at", "-pk")
    asked = (
        Update.objects.served_by(staff)
        .annotate(last_by=Subquery(newest.values("client")[:1]))
        .filter(last_by__isnull=False, project__archived_at=None)
    )
    mine = asked.filter(Q(project__lead=staff) | Q(project__lead=None)).select_related("project")
    return [
        Waiting(
            "Answer a client's comment",
            reverse("projects:updates", args=[update.project_id]),
            note=update.project.name,
        )
        for update in mine.order_by("pk")[:MOST_WAITING]
    ]


CARD = Card(template="projects/client/card.html", load=load)

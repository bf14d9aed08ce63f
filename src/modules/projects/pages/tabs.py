"""What the console's pages of one project share: finding it, its tabs, and how a button's outcome is told."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from kit.refused import Refused
from modules.projects import queries
from modules.projects.models import Project
from portal.http import Request

TABS = {
    "show": "Overview",
    "updates": "Updates",
    "tasks": "Tasks",
    "notes": "Internal notes",
    "access": "Access",
    "settings": "Settings",
}


def project_or_404(request: Request, project_id: int) -> Project:
    """A project that this member of staff may see."""
    projects = Project.objects.served_by(request.staff).for_lists()
    project: Project = get_object_or_404(projects, pk=project_id)
    return project


def sent(request: Request) -> QueryDict | None:
    """What a form was sent with; None while it is only looked at."""
    return request.POST if request.method == "POST" else None


def in_tab(
    request: Request, project: Project, tab: str, context: dict[str, Any], *, refused: bool = False
) -> HttpResponse:
    """The page of one tab; `refused` when it comes back with a form's errors."""
    tasks = queries.open_task_counts(project)
    shared = {
        "project": project,
        "tabs": [
            (view, words, reverse(f"projects:{view}", args=[project.pk])) for view, words in TABS.items()
        ],
        "tab": tab,
        "open_tasks": tasks["open"],
        "overdue_tasks": tasks["overdue"],
    }
    return render(request, f"projects/console/{tab}.html", shared | context, status=422 if refused else 200)


def answer(request: Request, done: str, do: Callable[..., Any], *args: Any, **more: Any) -> None:
    """Do what a single button asks for, as this member of staff, and say on the next page how it went."""
    try:
        do(*args, **more, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)

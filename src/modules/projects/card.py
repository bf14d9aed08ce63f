"""What the portal's dashboard and menu say about projects."""

from collections.abc import Mapping
from typing import Any

from modules.projects.models import Project
from portal.http import Request
from portal.module import Card

SHOWN = 3


def load(request: Request) -> Mapping[str, Any] | None:
    """The first projects of this client with progress and next deadline; None when it has none."""
    mine = Project.objects.visible_to(request.client).work_first().for_lists()
    projects = list(mine[: SHOWN + 1])
    setattr(request, "has_projects", bool(projects))  # noqa: B010 (the menu of the same page asks next)
    if not projects:
        return None
    return {"projects": projects[:SHOWN], "has_more": len(projects) > SHOWN}


def has_content(request: Request) -> bool:
    """Whether this client has any project, archived ones included: they can be read."""
    if (found := getattr(request, "has_projects", None)) is not None:
        return bool(found)
    return Project.objects.visible_to(request.client).exists()


def has_projects() -> bool:
    """Whether the agency has made one: its first step is done."""
    return Project.objects.exists()


CARD = Card(template="projects/client/card.html", load=load)

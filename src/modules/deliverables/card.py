"""What other pages show of deliverables: the dashboard's card and waiting lines, a project's panel."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.urls import reverse

from modules.deliverables.models import Deliverable, State
from modules.deliverables.queries import lists
from modules.projects.models import Project
from portal.http import Request
from portal.module import Waiting
from portal.people.models import Staff

# Enough for any panel; the section itself has pages.
MOST_ROWS = 200
CARD_ROWS = 3


def load_card(request: Request) -> Mapping[str, Any] | None:
    """The newest few, and how many wait; None when this client was shown nothing yet."""
    rows = _rows(request)
    if not rows:
        return None
    return {"rows": rows[:CARD_ROWS], "waiting": len(_asked(request)), "more": len(rows) - CARD_ROWS}


def waiting(request: Request) -> list[Waiting]:
    """What this client is asked to decide; nothing where the plan takes no decisions."""
    return [
        Waiting(
            label=f"Review {row.name}",
            url=reverse("deliverables:show", args=[row.pk]),
            due=row.due_on,
            key=f"deliverables.deliverable:{row.pk}",
            company_id=row.company.pk if row.company else None,
        )
        for row in _asked(request)
    ]


def staff_waiting(staff: Staff) -> list[Waiting]:
    """Changes that clients asked for, for whoever leads the project; for everybody where nobody does."""
    asked = Deliverable.objects.served_by(staff).filter(state=State.CHANGES, project__archived_at=None)
    mine = asked.filter(Q(project__lead=staff) | Q(project__lead=None)).select_related("project")
    return [
        Waiting(
            label=f"Changes to {row.name}",
            url=reverse("deliverables:show", args=[row.pk]),
            due=row.due_on,
            note=row.project.name,
        )
        for row in mine.order_by("due_on", "pk")[:MOST_ROWS]
    ]


def has_content(request: Request) -> bool:
    """Whether this client was shown anything."""
    if (rows := getattr(request, "deliverable_rows", None)) is not None:
        return bool(rows)
    return Deliverable.objects.visible_to(request.client).shown_to_clients().exists()


def project_panel(request: Request, project: Project) -> Mapping[str, Any] | None:
    """What clients see of a project's deliverables."""
    rows = lists.client_rows(
        lists.visible(request.client, project=project)[:MOST_ROWS], request.agency.today()
    )
    if not request.agency.has("deliverables.approve"):
        return {"rows": rows} if rows else None
    return {"rows": rows, "is_interactive": True} if rows else None


def console_panel(request: Request, project: Project) -> Mapping[str, Any] | None:
    """A project's deliverables for staff, with the way to a new one."""
    rows = lists.console_rows(
        lists.everything(request.staff, project=project)[:MOST_ROWS], request.agency.today()
    )
    return {
        "rows": rows,
        "project": project,
        "new_url": f"{reverse('deliverables:new')}?project={project.pk}",
    }


def _rows(request: Request) -> list[lists.Row]:
    """Read once for card and waiting lines together."""
    rows: list[lists.Row] | None = getattr(request, "deliverable_rows", None)
    if rows is None:
        rows = lists.client_rows(lists.visible(request.client)[:MOST_ROWS], request.agency.today())
        setattr(request, "deliverable_rows", rows)  # noqa: B010 (only these two functions know it)
    return rows


def _asked(request: Request) -> list[lists.Row]:
    # The dashboard is no page of this module: its `can` is not there.
    if not request.agency.has("deliverables.approve"):
        return []
    return [row for row in _rows(request) if row.asks_client]

"""What other pages show of feedback: the dashboards' cards and waiting lines, and panels on pages of others."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from modules.feedback.models import Thread
from modules.feedback.queries import lists, signed
from modules.projects.models import Project
from portal.http import Request
from portal.module import Waiting
from portal.people.models import Client

CARD_ROWS = 3
MOST_WAITING = 5
PANEL_ROWS = 5


def load_card(request: Request) -> Mapping[str, Any] | None:
    """The newest few; None when this client never wrote."""
    rows = _rows(request)
    return {"rows": rows[:CARD_ROWS], "has_more": len(rows) > CARD_ROWS} if rows else None


def waiting(request: Request) -> list[Waiting]:
    """What the agency asked this client."""
    asked = [row for row in _rows(request) if row.asks_client][:MOST_WAITING]
    return [
        Waiting(
            f"{request.agency.name} asked you something: {row.subject}",
            reverse("feedback:show", args=[row.pk]),
            key=f"feedback.thread:{row.pk}",
            company_id=row.company.pk if row.company else None,
        )
        for row in asked
    ]


def load_staff_card(request: Request) -> Mapping[str, Any] | None:
    """How much waits for an answer; None before anybody wrote."""
    counted = lists.counts(request.staff)
    return counted if counted["on_us"] or lists.for_staff(request.staff).exists() else None


def about_project(request: Request, project: Project) -> Mapping[str, Any]:
    """The way from a project's page to a message about it."""
    return _way(request, "projects", project.pk, project.name, project.pk)


def about_deliverable(request: Request, deliverable: Any) -> Mapping[str, Any]:
    """The way from a deliverable's page to a message about it."""
    return _way(request, "deliverables", deliverable.pk, str(deliverable), deliverable.project_id)


def about_invoice(request: Request, invoice: Any) -> Mapping[str, Any]:
    """The way from an invoice's page to a message about it."""
    return _way(request, "invoices", invoice.pk, f"Invoice {invoice.number}", None)


def console_project(request: Request, project: Project) -> Mapping[str, Any] | None:
    """What was written about a project."""
    return _panel(lists.for_staff(request.staff).filter(project=project))


def console_client(request: Request, client: Client) -> Mapping[str, Any] | None:
    """What a client wrote."""
    return _panel(lists.for_staff(request.staff).filter(author=client))


def _panel(found: Any) -> Mapping[str, Any] | None:
    threads = list(found.not_merged().order_by("-last_said_at", "-pk")[:PANEL_ROWS])
    rows = [(thread, lists.TONES.get(thread.state, "")) for thread in threads]
    return {"rows": rows} if rows else None


def _way(request: Request, section: str, pk: int, words: str, project_id: int | None) -> Mapping[str, Any]:
    # The page has loaded the thing through what this client may see; the signature says so to the form.
    token = signed.about_token(section, pk, words, project_id, request.client)
    return {"url": f"{reverse('feedback:new')}?about={token}"}


def _rows(request: Request) -> list[lists.Row]:
    """Read once for card and waiting lines together."""
    rows: list[lists.Row] | None = getattr(request, "feedback_rows", None)
    if rows is None:
        found: list[Thread] = list(lists.visible(request.client)[: MOST_WAITING + CARD_ROWS])
        rows = lists.client_rows(found, request.agency.name)
        setattr(request, "feedback_rows", rows)  # noqa: B010 (only these two functions know it)
    return rows

"""What the pages of one workflow share."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from portal.http import Request
from portal.workflows import shown
from portal.workflows.models import RunState, Workflow

TABS = {
    "show": "What it does",
    "test": "Try it",
    "past": "Look back",
    "runs": "Runs",
    "deliveries": "Messages",
    "versions": "Versions",
}


def workflow_or_404(pk: int) -> Workflow:
    """One that was not deleted."""
    found: Workflow = get_object_or_404(Workflow.objects.kept().select_related("version"), pk=pk)
    return found


def in_tab(
    request: Request, workflow: Workflow, tab: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page of one tab."""
    tells_others = "workflows.webhook" in str(workflow.draft) or workflow.deliveries.exists()
    tabs = [
        (view, words, reverse(f"workflows:{view}", args=[workflow.pk]))
        for view, words in TABS.items()
        if view != "deliveries" or tells_others
    ]
    shared = {
        "workflow": workflow,
        "tabs": tabs,
        "tab": tab,
        "failed": workflow.runs.filter(state=RunState.FAILED).count(),
        "sentence": shown.sentence(workflow.draft),
    }
    return render(request, f"console/workflows/{tab}.html", shared | context, status=status)

"""What the pages of one workflow share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from kit.refused import Refused
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


def press(request: Request, do: Callable[[], object], done: str = "") -> bool:
    """A button: do it, and say what came of it."""
    try:
        do()
    except Refused as refused:
        messages.error(request, refused.words)
        return False
    if done:
        messages.success(request, done)
    return True

"""Trying a workflow: on a client, really for the example client, over what happened."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from portal.forms import press
from portal.gate import managers_only
from portal.http import Request
from portal.people.models import Client
from portal.workflows import foresee, shown
from portal.workflows.forms import WhoForm
from portal.workflows.models import Run, Workflow
from portal.workflows.pages.frame import in_tab, workflow_or_404

PAGE_SIZE = 50


@managers_only
@require_safe
def test(request: Request, pk: int) -> HttpResponse:
    """What each step would do for a client, because of one of the client's newest events."""
    workflow = workflow_or_404(pk)
    form = WhoForm(request.GET if "client" in request.GET else None)
    context: dict[str, Any] = {"form": form, "when": shown.when(workflow.draft)}
    if form.is_bound and form.is_valid():
        client: Client = form.cleaned_data["client"]
        events = foresee.events_of(workflow.draft, client)
        chosen = _number(request.GET.get("event", "0"))
        context |= {"client": client, "events": list(enumerate(events)), "chosen": chosen}
        if chosen < len(events):
            _, happening = events[chosen]
            context |= {
                "happening": happening,
                "lines": foresee.test_on(workflow.draft, client, happening, workflow.name),
                "has_example": Client.objects.with_access().filter(is_example=True).exists(),
            }
    return in_tab(request, workflow, "test", context)


@managers_only
@require_POST
def really(request: Request, pk: int) -> HttpResponse:
    """Do it for the example client."""
    workflow, made = workflow_or_404(pk), []

    def begin() -> None:
        made.append(_begin(request, workflow))

    if press(request, begin, "It has begun for the example client. Mails go to its address."):
        run: Run = made[0]
        return redirect("workflows:run", run.pk)
    return redirect("workflows:test", pk)


@managers_only
@require_safe
def past(request: Request, pk: int) -> HttpResponse:
    """For whom it would have begun."""
    workflow = workflow_or_404(pk)
    found = foresee.dry_run(workflow.draft)
    page = Paginator(found.fired, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"found": found, "page": page, "when": shown.when(workflow.draft)}
    return in_tab(request, workflow, "past", context)


def _begin(request: Request, workflow: Workflow) -> Run:
    form = WhoForm(request.POST)
    events = foresee.events_of(workflow.draft, form.cleaned_data["client"]) if form.is_valid() else []
    chosen = _number(request.POST.get("event", "0"))
    if chosen >= len(events):
        raise Refused("Choose a client and an event first.")
    past, _ = events[chosen]
    return foresee.begin_test(workflow, ids=dict(past.ids), by=request.staff)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0

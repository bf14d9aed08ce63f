"""Runs: what each did, and what staff do with it; messages to other systems."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit.paging import BadCursor
from portal.forms import press
from portal.gate import managers_only
from portal.http import Request
from portal.workflows import acts, shown, webhooks
from portal.workflows.models import Delivery, Run, RunState
from portal.workflows.pages.frame import in_tab, workflow_or_404


@managers_only
@require_safe
def index(request: Request, pk: int) -> HttpResponse:
    """The runs of one workflow."""
    workflow, which = workflow_or_404(pk), request.GET.get("which", "")
    try:
        rows, following = shown.runs_of(workflow, which=which, cursor=request.GET.get("after"))
    except BadCursor as error:
        raise Http404 from error
    context = {
        "rows": rows,
        "next_cursor": following,
        "is_later_page": bool(request.GET.get("after")),
        "which": which,
        "filters": shown.FILTERS,
        "counts": shown.counts_of(workflow),
    }
    return in_tab(request, workflow, "runs", context)


@managers_only
@require_safe
def run(request: Request, pk: int) -> HttpResponse:
    """One run with its steps."""
    found = _one(pk)
    context = {
        "run": found,
        "tone": shown.TONES[RunState(found.state)],
        "lines": shown.step_lines(found),
        "workflow": found.workflow,
        "can_skip": found.state in (RunState.FAILED, RunState.WAITING),
    }
    return render(request, "console/workflows/run.html", context)


@managers_only
@require_POST
def retry(request: Request, pk: int) -> HttpResponse:
    """Try the failed step again."""
    press(
        request, lambda: acts.retry(_one(pk), by=request.staff, request=request), "It is being tried again."
    )
    return redirect("workflows:run", pk)


@managers_only
@require_POST
def skip(request: Request, pk: int) -> HttpResponse:
    """Leave a step out."""
    step = request.POST.get("step", "")[:12]
    press(
        request,
        lambda: acts.skip(_one(pk), step=step, by=request.staff, request=request),
        "Skipped. It goes on with what follows.",
    )
    return redirect("workflows:run", pk)


@managers_only
@require_POST
def stop(request: Request, pk: int) -> HttpResponse:
    """End a run."""
    press(
        request,
        lambda: acts.stop(_one(pk), by=request.staff, request=request),
        "Stopped. Nothing more happens in it.",
    )
    return redirect("workflows:run", pk)


@managers_only
@require_POST
def stop_all(request: Request, pk: int) -> HttpResponse:
    """End everything that is under way in a workflow."""
    count = acts.stop_all_of_workflow(workflow_or_404(pk), by=request.staff)
    messages.success(request, f"Stopped {count} run{'s' if count != 1 else ''}.")
    return redirect("workflows:runs", pk)


@managers_only
@require_safe
def deliveries(request: Request, pk: int) -> HttpResponse:
    """The newest messages to other systems."""
    workflow = workflow_or_404(pk)
    rows = workflow.deliveries.select_related("run__client").order_by("-created_at")[:100]
    return in_tab(request, workflow, "deliveries", {"rows": rows})


@managers_only
@require_POST
def replay(request: Request, pk: UUID) -> HttpResponse:
    """Send a message once more."""
    row = get_object_or_404(Delivery, pk=pk)
    press(request, lambda: webhooks.replay(row), "It is sent once more. Look again in a minute.")
    return redirect("workflows:deliveries", row.workflow_id)


def _one(pk: int) -> Run:
    found: Run = get_object_or_404(Run.objects.select_related("workflow", "version", "client"), pk=pk)
    return found

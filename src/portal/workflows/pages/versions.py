"""What the workflow said before, and going back."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from portal.forms import press
from portal.gate import managers_only
from portal.http import Request
from portal.workflows import editing, shown
from portal.workflows.pages.frame import in_tab, workflow_or_404


@managers_only
@require_safe
def index(request: Request, pk: int) -> HttpResponse:
    """Who changed it when."""
    workflow = workflow_or_404(pk)
    rows = [
        {"version": one, "sentence": shown.sentence(one.content), "is_now": one.pk == workflow.version_id}
        for one in workflow.versions.select_related("made_by")[:100]
    ]
    return in_tab(request, workflow, "versions", {"rows": rows})


@managers_only
@require_safe
def show(request: Request, pk: int, number: int) -> HttpResponse:
    """One version in full."""
    workflow = workflow_or_404(pk)
    version = workflow.versions.select_related("made_by").filter(number=number).first()
    if version is None:
        raise Http404
    context = {
        "version": version,
        "is_now": version.pk == workflow.version_id,
        "when": shown.when(version.content),
        "conditions": shown.said_conditions(version.content["conditions"], version.content),
        "rows": shown.step_rows(version.content),
        "once": editing.ONCE[version.content.get("once", "event")],
    }
    return in_tab(request, workflow, "version", context)


@managers_only
@require_POST
def go_back(request: Request, pk: int, number: int) -> HttpResponse:
    """Take an older version (or the one that counts) into the editor."""
    workflow = workflow_or_404(pk)
    press(
        request,
        lambda: editing.go_back(workflow, number=number, by=request.staff),
        f"The editor shows version {number} now.",
    )
    return redirect("workflows:show", pk)

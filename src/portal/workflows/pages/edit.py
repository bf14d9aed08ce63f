"""One workflow as sentences, and its switch."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from portal import registry
from portal.forms import press
from portal.gate import managers_only
from portal.http import Request
from portal.workflows import checking, editing, shown
from portal.workflows.forms import NameForm, TriggerForm
from portal.workflows.pages.frame import in_tab, workflow_or_404
from portal.workflows.values import offers_of


@managers_only
@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """The editor."""
    workflow = workflow_or_404(pk)
    content = workflow.draft
    context = {
        "when": shown.when(content),
        "has_trigger": content["trigger"]["fact"] in registry.triggers(),
        "once": editing.ONCE[content.get("once", "event")],
        "conditions": shown.said_conditions(content["conditions"], content),
        "offers": list(offers_of(registry.triggers().get(content["trigger"]["fact"])).values()),
        "rows": shown.step_rows(content),
        "problems": [one.words for one in checking.problems(content) if not one.step],
        "is_ready": not checking.problems(content),
        "is_changed": workflow.version is not None and workflow.is_changed,
        "actions": shown.offered_actions("root", content),
        "counts": shown.counts_of(workflow),
    }
    return in_tab(request, workflow, "show", context)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: Request, pk: int) -> HttpResponse:
    """Another name."""
    workflow = workflow_or_404(pk)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": workflow.name})
    if request.method == "POST" and form.is_valid():
        try:
            editing.rename(workflow, **form.cleaned_data, by=request.staff, request=request)
        except Refused as refused:
            form.add_error("name", refused.words)
        else:
            return redirect("workflows:show", pk)
    return in_tab(
        request, workflow, "form", {"form": form, "title": "Name"}, status=422 if form.errors else 200
    )


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def trigger(request: Request, pk: int) -> HttpResponse:
    """What sets it off."""
    workflow = workflow_or_404(pk)
    now = workflow.draft["trigger"]
    initial = {
        "fact": now["fact"],
        "days": now.get("days") or None,
        "once": workflow.draft.get("once", "event"),
    }
    form = TriggerForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            editing.set_trigger(workflow, **form.cleaned_data, by=request.staff)
        except Refused as refused:
            form.add_error(refused.field or None, refused.words)
        else:
            return redirect("workflows:show", pk)
    context = {"form": form, "title": "What sets it off"}
    return in_tab(request, workflow, "form", context, status=422 if form.errors else 200)


@managers_only
@require_POST
def switch(request: Request, pk: int) -> HttpResponse:
    """On or off."""
    workflow, is_on = workflow_or_404(pk), request.POST.get("on") == "1"
    done = (
        "It is on: it begins with what happens from now on."
        if is_on
        else "It is off. Nothing new begins; what is under way goes on to its end."
    )
    press(request, lambda: editing.switch(workflow, is_on=is_on, by=request.staff, request=request), done)
    return redirect("workflows:show", pk)


@managers_only
@require_POST
def use(request: Request, pk: int) -> HttpResponse:
    """Let the changes count."""
    workflow = workflow_or_404(pk)
    press(
        request,
        lambda: editing.put_in_force(workflow, by=request.staff, request=request),
        "Your changes count from now on. What is under way ends as it began.",
    )
    return redirect("workflows:show", pk)


@managers_only
@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Take it away."""
    workflow = workflow_or_404(pk)
    press(
        request,
        lambda: editing.delete(workflow, by=request.staff, request=request),
        f"“{workflow}” is deleted. What was under way has stopped.",
    )
    return redirect("workflows:index")

"""Conditions, one at a time: first what, then how it is compared."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal import registry
from portal.forms import add_refusal, press
from portal.gate import managers_only
from portal.http import Request
from portal.workflows import editing
from portal.workflows.forms import ConditionForm
from portal.workflows.pages.frame import in_tab, workflow_or_404
from portal.workflows.values import offers_of


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, pk: int) -> HttpResponse:
    """How a value is compared; `?offer=` says which, `?branch=` where."""
    workflow = workflow_or_404(pk)
    offers = offers_of(registry.triggers().get(workflow.draft["trigger"]["fact"]))
    offer, branch = offers.get(request.GET.get("offer", "")), request.GET.get("branch", "")[:12]
    if offer is None:
        raise Http404
    form = ConditionForm(offer, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        read = form.cleaned_data
        condition = {"offer": offer.key, "is": read["is"], "value": read.get("value", "")}
        try:
            editing.add_condition(workflow, condition=condition, branch=branch, by=request.staff)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return redirect("workflows:show", pk)
    context = {"form": form, "title": "If …" if branch else "Only if …"}
    return in_tab(request, workflow, "form", context, status=422 if form.errors else 200)


@managers_only
@require_POST
def remove(request: Request, pk: int, position: int) -> HttpResponse:
    """One less."""
    workflow, branch = workflow_or_404(pk), request.POST.get("branch", "")[:12]
    press(
        request,
        lambda: editing.remove_condition(workflow, position=position, branch=branch, by=request.staff),
    )
    return redirect("workflows:show", pk)

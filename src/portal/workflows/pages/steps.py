"""Steps: added, filled in, moved, removed."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal import registry
from portal.forms import press
from portal.gate import managers_only
from portal.http import Request
from portal.workflows import doing, editing, shown, steps
from portal.workflows.models import Workflow
from portal.workflows.pages.frame import in_tab, workflow_or_404
from portal.workflows.values import LINK, placeholders_of


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, pk: int) -> HttpResponse:
    """The settings of a step that is not there yet; one without settings is added at once."""
    workflow = workflow_or_404(pk)
    place = str(request.POST.get("place") or request.GET.get("place") or "root")[:20]
    do = str(request.POST.get("do") or request.GET.get("do") or "")[:80]
    if steps.list_of(workflow.draft, place) is None:
        raise Http404
    if do not in dict(shown.offered_actions(place, workflow.draft)):
        press(request, _refuse)
        return redirect("workflows:show", pk)
    step = steps.new_step(do)
    if not (shown.has_form(step) and do != steps.BRANCH):
        if request.method == "POST":
            press(request, lambda: _add(request, workflow, do, place, {}))
        return redirect("workflows:show", pk)
    is_sent = request.method == "POST" and "sent" in request.POST
    form = doing.form_of(step, sent=request.POST) if is_sent else _unbound(step)
    if is_sent and _fits(form, workflow):
        press(request, lambda: _add(request, workflow, do, place, _typed(form)))
        return redirect("workflows:show", pk)
    return _page(request, workflow, step, form, place)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int, step: str) -> HttpResponse:
    """Other settings."""
    workflow = workflow_or_404(pk)
    found = steps.find(workflow.draft, step)
    if found is None or found["do"] == steps.BRANCH or not shown.has_form(found):
        raise Http404
    form = doing.form_of(found, sent=request.POST if request.method == "POST" else None)
    if request.method == "POST" and _fits(form, workflow):
        press(
            request,
            lambda: editing.change_step(workflow, step=step, settings=_typed(form), by=request.staff),
        )
        return redirect("workflows:show", pk)
    return _page(request, workflow, found, form, "")


@managers_only
@require_POST
def move(request: Request, pk: int, step: str) -> HttpResponse:
    """Up or down."""
    workflow, by_places = workflow_or_404(pk), -1 if request.POST.get("to") == "up" else 1
    press(request, lambda: editing.move_step(workflow, step=step, by_places=by_places, by=request.staff))
    return redirect("workflows:show", pk)


@managers_only
@require_POST
def remove(request: Request, pk: int, step: str) -> HttpResponse:
    """Out."""
    workflow = workflow_or_404(pk)
    press(request, lambda: editing.remove_step(workflow, step=step, by=request.staff))
    return redirect("workflows:show", pk)


def _add(request: Request, workflow: Workflow, do: str, place: str, settings: dict[str, Any]) -> None:
    editing.add_step(workflow, do=do, place=place, settings=settings, by=request.staff)


def _refuse() -> None:
    raise Refused("Choose what it does.")


def _unbound(step: steps.Step) -> forms.Form:
    made = doing.form_of(step)
    return type(made)()


def _fits(form: forms.Form, workflow: Workflow) -> bool:
    doing.check_words(form, workflow.draft)
    return form.is_valid()


def _typed(form: forms.Form) -> dict[str, Any]:
    """What was typed, as it was: it is read again each time the step runs."""
    typed = {}
    for name, field in form.fields.items():
        value = field.widget.value_from_datadict(form.data, form.files, name)
        typed[name] = value if isinstance(value, str | list | bool) or value is None else str(value)
    return typed


def _page(
    request: Request, workflow: Workflow, step: steps.Step, form: forms.Form, place: str
) -> HttpResponse:
    trigger = registry.triggers().get(workflow.draft["trigger"]["fact"])
    known = placeholders_of(trigger) | {LINK: "the way to what happened (in mails)"}
    title = dict(shown.offered_actions("root", workflow.draft)).get(step["do"], "Step")
    context = {
        "form": form,
        "title": title,
        "do": step["do"],
        "place": place,
        "placeholders": known.items() if any(_takes_words(f) for f in form.fields.values()) else (),
    }
    return in_tab(request, workflow, "form", context, status=422 if form.is_bound and form.errors else 200)


def _takes_words(field: forms.Field) -> bool:
    from portal.placeholders import WordsField

    return isinstance(field, WordsField)

"""What clients see of deliverables, decide about them and say to them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from modules.deliverables import operations
from modules.deliverables.forms import ChangesForm, CommentForm
from modules.deliverables.models import Decision, Deliverable, State, Version
from modules.deliverables.queries import lists, page, people
from portal.branding.queries import sections_on
from portal.forms import add_refusal
from portal.http import Request
from portal.panels import filled_panels
from portal.people.acting import chosen_company

PER_PAGE = 50


@require_safe
def index(request: Request) -> HttpResponse:
    """All that this client was shown, what waits for a decision first."""
    every, chosen = lists.visible(request.client), chosen_company(request)
    if chosen is not None:
        every = every.filter(project__company=chosen)
    found = Paginator(every, PER_PAGE).get_page(request.GET.get("page"))
    rows = lists.client_rows(found, request.agency.today())
    interactive = request.can.approve
    waiting = [row for row in rows if row.asks_client and interactive]
    rest = [row for row in rows if row not in waiting]
    context = {
        "waiting": waiting,
        "rest": rest,
        "section_name": _section_name(),
        "page": found,
        "chosen": chosen,
        "query": f"company={chosen.pk}&" if chosen else "",
    }
    return render(request, "deliverables/client/index.html", context)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """The newest version."""
    deliverable, version = _load(request, pk)
    return _show(request, deliverable, version)


@require_safe
def show_version(request: Request, pk: int, number: int) -> HttpResponse:
    """One version that was shown; the address that mails lead to."""
    deliverable, version = _load(request, pk, number)
    return _show(request, deliverable, version)


@require_safe
def changes(request: Request, pk: int, number: int) -> HttpResponse:
    """The form for requesting changes, as a page of its own for those without JavaScript."""
    deliverable, version = _load(request, pk, number)
    if version != deliverable.versions.shown().order_by("-number").first() or not _asks(request, deliverable):
        return redirect("deliverables:version", pk, number)
    return _changes(request, deliverable, version, ChangesForm())


@require_POST
def decide(request: Request, pk: int, number: int) -> HttpResponse:
    """Approve this version, or request changes to it."""
    deliverable, version = _load(request, pk, number)
    verdict = request.POST.get("verdict", "")
    try:
        decision = operations.decide(
            version,
            client=request.client,
            verdict=verdict,
            reason=request.POST.get("reason", ""),
            trail={"request": request},
        )
    except operations.NotValid as refused:
        form = ChangesForm(request.POST)
        form.is_valid()
        if not form.errors:
            add_refusal(form, refused)
        return _changes(request, deliverable, version, form, status=422)
    except Refused as refused:
        return _refused(request, deliverable, refused)
    messages.success(request, _thanks(request, decision))
    return redirect("deliverables:version", pk, number)


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take the own decision back."""
    deliverable, _ = _load(request, pk)
    try:
        operations.undo_decision(deliverable, client=request.client, trail={"request": request})
    except Refused as refused:
        return _refused(request, deliverable, refused)
    messages.success(request, "Taken back. You can decide anew.")
    return redirect("deliverables:show", pk)


@require_POST
def comment(request: Request, pk: int, number: int) -> HttpResponse:
    """Say something about this version."""
    deliverable, version = _load(request, pk, number)
    if not request.can.approve:
        return _refused(request, deliverable, operations.NotInPlan())
    form = CommentForm(request.POST, version=version, client=request.client)
    if not form.is_valid():
        return _show(request, deliverable, version, form, status=422)
    try:
        said = operations.comment_as_client(
            version, client=request.client, **form.place(), trail={"request": request}
        )
    except operations.NotValid as refused:
        add_refusal(form, refused)
        return _show(request, deliverable, version, form, status=422)
    except Refused as refused:
        return _refused(request, deliverable, refused)
    messages.success(request, f"Sent. {request.agency.name} is told by mail.")
    return redirect(reverse("deliverables:version", args=[pk, number]) + f"#c{said.pk}")


def _load(request: Request, pk: int, number: int | None = None) -> tuple[Deliverable, Version]:
    found = Deliverable.objects.visible_to(request.client).select_related("project__company")
    deliverable = get_object_or_404(found.shown_to_clients(), pk=pk)
    versions = deliverable.versions.shown().order_by("-number")
    version = versions[0] if number is None else get_object_or_404(versions, number=number)
    version.deliverable = deliverable
    return deliverable, version


def _section_name() -> str:
    """As this agency calls it; the gate has seen that it is on."""
    return sections_on()["deliverables"].name


def _asks(request: Request, deliverable: Deliverable) -> bool:
    """Whether this client's decision on the newest version is wanted now."""
    if not request.can.approve or deliverable.state != State.READY:
        return False
    asked = lists.with_review_of(Deliverable.objects.visible_to(request.client), request.client)
    return bool(asked.filter(pk=deliverable.pk, asks_client=1).exists())


def _show(
    request: Request,
    deliverable: Deliverable,
    version: Version,
    form: CommentForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    shown = page.review_page(deliverable, version, client=request.client)
    mine = next(
        (d for d in shown.decisions if d.client_id == request.client.pk and d.version_id == version.pk), None
    )
    is_open = deliverable.state != State.WITHDRAWN and deliverable.project.archived_at is None
    can_change = request.can.approve and is_open and not shown.is_locked
    in_review = deliverable.state in (State.READY, State.CHANGES, State.APPROVED)
    context: dict[str, Any] = {
        "page": shown,
        "section_name": _section_name(),
        "asks": shown.is_newest and _asks(request, deliverable),
        "mine": mine,
        "can_undo": can_change and mine is not None and shown.is_newest and in_review,
        "can_comment": can_change,
        "comment_form": form or CommentForm(version=version, client=request.client),
        "changes_form": ChangesForm(),
        "panels": filled_panels("deliverables.client", request, deliverable),
    }
    return render(request, "deliverables/client/show.html", context, status=status)


def _changes(
    request: Request, deliverable: Deliverable, version: Version, form: ChangesForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "deliverable": deliverable,
        "version": version,
        "changes_form": form,
        "section_name": _section_name(),
        "rounds": page.rounds_of(deliverable),
    }
    return render(request, "deliverables/client/changes.html", context, status=status)


def _refused(request: Request, deliverable: Deliverable, refused: Refused) -> HttpResponse:
    status = 403 if isinstance(refused, operations.NotAllowed) else 409
    context = {"deliverable": deliverable, "words": refused.words}
    return render(request, "deliverables/client/refused.html", context, status=status)


def _thanks(request: Request, decision: Decision) -> str:
    agency, deliverable = request.agency.name, decision.version.deliverable
    if decision.verdict == Decision.Verdict.CHANGES:
        return f"Changes requested. {agency} is told by mail and makes the next version."
    fresh = Deliverable.objects.visible_to(request.client).select_related("project").get(pk=deliverable.pk)
    if fresh.locks_at is None:
        left = [client for client in people.deciders(fresh) if client.pk != request.client.pk]
        return (
            f"Thank you. It is approved when {'the others have' if len(left) > 1 else 'the other has'} too."
        )
    until = timezone.localtime(fresh.locks_at)
    return f"Approved. {agency} is told by mail. You can take it back until {until:%H:%M}."

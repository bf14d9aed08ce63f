"""Staff ask for files, and say whether what came is right."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.refused import Refused
from modules.files import operations
from modules.files.forms.requests import RequestEditForm, RequestForm, VerdictForm
from modules.files.models import FileRequest, HandIn
from modules.files.pages.console import choose_owner
from modules.files.queries import lists, people
from portal.forms import add_refusal, searched
from portal.http import Request
from portal.people.models import Client

PER_PAGE = 50
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """Open requests, or all."""
    words = searched(request)
    show = "all" if request.GET.get("show") == "all" else ""
    found = lists.requests_for_staff(request.staff, words=words, show=show)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "words": words, "show": show, "query": f"q={words}&show={show}&"}
    return render(request, "files/console/requests.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Ask somebody for files."""
    owner = people.owner_of(request.GET.get("owner", ""), request.staff)
    if owner is None:
        return choose_owner(request, "files:new-request", "Ask for files")
    form = RequestForm(request.POST or None, owner=owner, initial={"project": request.GET.get("project", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = _ask(request, owner, form)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            told = ", ".join(client.shown_name for client in people.asked(made))
            words = f"Asked. A mail goes to {told}." if told else "Kept. Nobody there has access yet."
            messages.success(request, words)
            return redirect("files:request", made.pk)
    context = {"form": form, "owner": owner}
    return render(request, "files/console/request_form.html", context, status=422 if form.errors else 200)


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what is asked for, as far as nothing was sent for it."""
    asked = _load(request, pk)
    if asked.closed_at is not None:
        messages.error(request, "This request is closed. Open it again to change it.")
        return redirect("files:request", pk)
    form = RequestEditForm(request.POST if request.method == "POST" else None, asked=asked)
    if request.method == "POST" and form.is_valid():
        try:
            told = _change(request, asked, form)
        except operations.Meanwhile as refused:
            form = form.anew()
            add_refusal(form, refused)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            mailed = f" A mail goes to {', '.join(client.shown_name for client in told)}." if told else ""
            messages.success(request, f"Saved.{mailed}")
            return redirect("files:request", pk)
    context = {"form": form, "asked": asked}
    return render(request, "files/console/request_edit.html", context, status=422 if form.errors else 200)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One request, item by item."""
    return _show(request, _load(request, pk))


@require_POST
def verdict(request: Request, pk: int, hand_in: int) -> HttpResponse:
    """Accept what was sent, or say what is wrong with it."""
    asked = _load(request, pk)
    found = get_object_or_404(
        HandIn.objects.select_related("item__request", "file"), pk=hand_in, item__request=asked
    )
    note = request.POST.get("note", "")
    try:
        if request.POST.get("verdict") == HandIn.Verdict.ACCEPTED:
            item = operations.accept(found, by=request.staff, note=note, trail={"request": request})
            messages.success(request, f"“{item}” is accepted.")
        else:
            item = operations.reject(found, by=request.staff, note=note, trail={"request": request})
            messages.success(request, f"“{item}” is wanted again. The client is told why, by mail.")
    except Refused as refused:
        form = VerdictForm(request.POST)
        form.is_valid()
        add_refusal(form, refused)
        return _show(request, asked, form, found.pk, status=422)
    return redirect("files:request", pk)


@require_POST
def reminder(request: Request, pk: int) -> HttpResponse:
    """Remind now."""
    try:
        sent = operations.remind(_load(request, pk), by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, f"Reminded. {sent} mail{'' if sent == 1 else 's'} on the way.")
    return redirect("files:request", pk)


@require_POST
def closing(request: Request, pk: int) -> HttpResponse:
    """Nothing more is wanted; or, with `open`, it is again."""
    act = operations.open_again if "open" in request.POST else operations.close_request
    act(_load(request, pk), by=request.staff, trail={"request": request})
    messages.success(
        request, "Open again." if "open" in request.POST else "Closed. Nobody is asked any more."
    )
    return redirect("files:request", pk)


def _load(request: Request, pk: int) -> FileRequest:
    served = FileRequest.objects.served_by(request.staff)
    found = served.select_related("company", "client", "project", "asked_by")
    asked: FileRequest = get_object_or_404(found, pk=pk)
    return asked


def _ask(request: Request, owner: people.Owner, form: RequestForm) -> FileRequest:
    names = ("title", "words", "project", "contacts", "due_on")
    fields: dict[str, Any] = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
    return operations.request_files(
        owner, items=form.wanted(), by=request.staff, trail={"request": request}, **fields
    )


def _change(request: Request, asked: FileRequest, form: RequestEditForm) -> list[Client]:
    return operations.edit_request(
        asked,
        form.wanted(),
        added=form.added(),
        seen=form.as_shown,
        by=request.staff,
        trail={"request": request},
    )


def _show(
    request: Request, asked: FileRequest, form: VerdictForm | None = None, at: int = 0, *, status: int = 200
) -> HttpResponse:
    items = list(asked.items.prefetch_related("hand_ins__file__current", "hand_ins__sent_by"))
    context = {
        "asked": asked,
        "items": items,
        "told": people.asked(asked),
        "form": form or VerdictForm(),
        "form_at": at,
        "is_missing": asked.closed_at is None and any(item.is_wanted for item in items),
    }
    return render(request, "files/console/request.html", context, status=status)

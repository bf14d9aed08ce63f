"""The console's pages: who may use what, since when, until when and why."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.paging import BadCursor
from kit.refused import Refused
from portal.entitlements import hands, shown
from portal.entitlements.forms import GiveForm, LastDayForm
from portal.entitlements.models import Entitlement
from portal.forms import add_refusal, searched
from portal.gate import managers_only
from portal.http import Request
from portal.people.models import Client


@require_safe
def index(request: Request) -> HttpResponse:
    """Everything, filtered and paged; of one client and its companies with ?client=."""
    client, cursor = _client(request), request.GET.get("after")
    which, words = request.GET.get("which", ""), searched(request)
    try:
        rows, following = shown.page_of(request.staff, which=which, words=words, client=client, cursor=cursor)
    except BadCursor as error:
        raise Http404 from error
    kept = {"q": words, "which": which} | ({"client": client.pk} if client else {})
    context = {
        "rows": rows,
        "next_cursor": following,
        "which": which,
        "search": words,
        "filters": shown.FILTERS,
        "of_client": client,
        "query": urlencode(kept),
        "is_later_page": bool(cursor),
        "is_anything": bool(rows) or Entitlement.objects.served_by(request.staff).exists(),
    }
    return render(request, "console/entitlements/index.html", context)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Open something by hand."""
    client = _client(request)
    initial = {"owner": f"client-{client.pk}"} if client else {}
    form = GiveForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = hands.give(**form.cleaned_data, by=request.staff, request=request)
        except Refused as refused:
            form.add_error(refused.field or None, refused.words)
        else:
            messages.success(request, f"Open for {made.owner} from now on.")
            return redirect("entitlements:show", made.pk)
    status = 422 if form.errors else 200
    return render(
        request, "console/entitlements/new.html", {"form": form, "of_client": client}, status=status
    )


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One of them: why it is open, and what happened to it."""
    row = _one(request, pk)
    context = {"row": shown.rows_of([row])[0], "one": row, "history": shown.history_of(row)}
    context["by_hand"] = row.reason == Entitlement.Reason.HAND
    return render(request, "console/entitlements/show.html", context)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def last_day(request: Request, pk: int) -> HttpResponse:
    """Another last day."""
    row = _one(request, pk)
    form = LastDayForm(
        request.POST if request.method == "POST" else None,
        initial={"until": row.until and row.until.astimezone(request.agency.tzinfo).date()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            hands.move_end(row, **form.cleaned_data, by=request.staff, request=request)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("entitlements:show", pk)
    context = {"form": form, "row": shown.rows_of([row])[0], "one": row}
    return render(request, "console/entitlements/last_day.html", context, status=422 if form.errors else 200)


@managers_only
@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """Close it."""
    return _press(request, pk, hands.end, "Ended. It is closed now.")


@managers_only
@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    """Close it for now."""
    return _press(request, pk, hands.pause, "Paused. Its time stands still until it goes on.")


@managers_only
@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    """Open it again."""
    return _press(request, pk, hands.resume, "Open again.")


def _press(request: Request, pk: int, do: Callable[..., None], done: str) -> HttpResponse:
    try:
        do(_one(request, pk), by=request.staff, request=request)
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)
    return redirect("entitlements:show", pk)


def _one(request: Request, pk: int) -> Entitlement:
    found: Entitlement = get_object_or_404(
        Entitlement.objects.served_by(request.staff).select_related("company", "client", "given_by"), pk=pk
    )
    return found


def _client(request: Request) -> Client | None:
    asked: Any = request.GET.get("client", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise Http404
    return get_object_or_404(Client.objects.served_by(request.staff), pk=int(asked))

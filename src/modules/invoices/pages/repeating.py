"""Where staff set up, change, pause and stop repeating invoices."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.paging import BadCursor, page_by_id
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import NewRepeatingForm, RepeatingForm
from modules.invoices.models import InvoiceSettings, Repeating
from modules.invoices.operations.patterns import PATTERN_FIELDS
from modules.invoices.operations.repeating import OWN
from modules.invoices.pages.editing import edited, sent_to
from modules.invoices.pages.quotes import plan_rows
from modules.invoices.queries import page
from modules.invoices.queries.lists import with_status
from modules.invoices.queries.repeating import PLACEHOLDERS, for_staff, rhythm_of, turns_ahead
from portal.http import Request
from portal.payments.queries import default_currency

PER_PAGE = 50
SHOWN_BEFORE = 12
EDITOR = "invoices/console/edit_repeating.html"
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All of them, newest first."""
    try:
        rows = page_by_id(for_staff(request.staff), cursor=request.GET.get("after"), size=PER_PAGE)
    except BadCursor:
        raise Http404 from None
    for row in rows.rows:
        row.rhythm = rhythm_of(row)
    context = {"rows": rows.rows, "next_cursor": rows.next_cursor, "is_later": "after" in request.GET}
    return render(request, "invoices/console/repeatings.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Set one up."""
    settings = InvoiceSettings.load()
    first = {
        "currency": default_currency(),
        "days_to_pay": settings.days_to_pay,
        "terms": settings.terms,
        "next_on": request.agency.today(),
        "issues": "draft",
        "owner": request.GET.get("owner", ""),
    }
    form = NewRepeatingForm(sent_to(request), initial=first, staff=request.staff)
    made: list[Repeating] = []

    def make(**fields: Any) -> None:
        made.append(operations.create_repeating(by=request.staff, trail={"request": request}, **fields))

    response = edited(request, form, None, make, EDITOR, repeating=None, placeholders=PLACEHOLDERS)
    return response or redirect("invoices:repeating", made[0].pk)


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what comes from now on."""
    repeating = _repeating(request, pk)
    if repeating.next_on is None:
        messages.error(request, "This has ended. Set up a new one to go on.")
        return redirect("invoices:repeating", repeating.pk)
    initial = {name: getattr(repeating.pattern, name) for name in PATTERN_FIELDS}
    initial |= {name: getattr(repeating, name) for name in OWN}
    initial["issues"] = "issue" if repeating.issues else "draft"
    form = RepeatingForm(sent_to(request), initial=initial)

    def change(**fields: Any) -> None:
        operations.edit_repeating(repeating, by=request.staff, trail={"request": request}, **fields)

    more = {"repeating": repeating, "placeholders": PLACEHOLDERS}
    response = edited(request, form, repeating.pattern, change, EDITOR, **more)
    return response or redirect("invoices:repeating", repeating.pk)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One of them: what comes, what was, and its buttons."""
    repeating = _repeating(request, pk)
    before = list(repeating.repetitions.select_related("invoice")[:SHOWN_BEFORE])
    with_status([one.invoice for one in before if one.invoice is not None])
    context = {
        "repeating": repeating,
        "pattern": repeating.pattern,
        "page": {"content": page.content_of(repeating.pattern)},
        "plan": plan_rows(repeating.pattern),
        "rhythm": rhythm_of(repeating),
        "ahead": turns_ahead(repeating),
        "before": before,
        "is_complete": InvoiceSettings.load().is_complete,
    }
    return render(request, "invoices/console/repeating.html", context)


@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    """Write nothing for a while."""
    return _button(
        request, pk, lambda _: "Paused. Nothing is written until you go on.", operations.pause_repeating
    )


@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    """Go on."""

    def words(skipped: Any) -> str:
        if not skipped:
            return "It goes on."
        return f"It goes on. Left out of the pause: {skipped}."

    return _button(request, pk, words, operations.resume_repeating)


@require_POST
def stop(request: Request, pk: int) -> HttpResponse:
    """End it for good."""
    return _button(request, pk, lambda _: "Stopped. What is written stays.", operations.stop_repeating)


def _button(request: Request, pk: int, done: Callable[[Any], str], do: Callable[..., Any]) -> HttpResponse:
    try:
        result = do(_repeating(request, pk), by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done(result))
    return redirect("invoices:repeating", pk)


def _repeating(request: Request, pk: int) -> Repeating:
    found: Repeating = get_object_or_404(
        Repeating.objects.served_by(request.staff).select_related("pattern", "company", "client"), pk=pk
    )
    return found

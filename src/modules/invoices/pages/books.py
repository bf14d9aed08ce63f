"""For the books: bookings in DATEV's format for a span of days, and the accounts they go to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kit import clock
from modules.invoices import operations
from modules.invoices.forms.books import BookForm, SpanForm, last_month, year_of
from modules.invoices.models import InvoiceSum
from modules.invoices.models.books import BookSettings
from modules.invoices.queries import datev
from modules.invoices.queries.bookings import bookings, movements_between
from portal.agency import streamed
from portal.gate import managers_only
from portal.http import Request
from portal.payments.queries import default_currency


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def books(request: Request) -> HttpResponse:
    """Choose days; below, how the books call their accounts."""
    settings = BookSettings.load()
    form = BookForm(request.POST if request.method == "POST" else None, settings=settings)
    if form.is_bound and form.is_valid():
        operations.save_books(by=request.staff, trail={"request": request}, **form.fields_of_settings)
        messages.success(request, "Saved. You can export now.")
        return redirect("invoices:books")
    return _page(request, settings, form=form)


@managers_only
@require_safe
def export(request: Request) -> HttpResponseBase:
    """The file."""
    settings = BookSettings.load()
    span = _span(request, settings, request.GET)
    if not settings.is_complete or not span.is_valid():
        return _page(request, settings, span=span)
    read = span.cleaned_data
    chosen = (read["start"], read["end"], read["currency"])
    if movements_between(*chosen).count() > datev.MOST_ROWS // 4:
        span.add_error("end", "These are too many bookings for one file. Choose fewer days.")
        return _page(request, settings, span=span)
    assert settings.advisor and settings.client_number
    batch = datev.Batch(
        advisor=settings.advisor,
        client_number=settings.client_number,
        year_begins_on=year_of(read["start"], settings.year_begins),
        account_digits=settings.account_digits,
        from_on=read["start"],
        to_on=read["end"],
        currency=read["currency"],
        chart=settings.chart,
        made_at=clock.now().astimezone(request.agency.tzinfo),
    )
    lines = datev.written(batch, bookings(settings, *chosen))
    response = StreamingHttpResponse(streamed(lines), content_type="text/csv; charset=windows-1252")
    name = f"EXTF_Buchungsstapel_{read['start']:%Y%m%d}_{read['end']:%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _page(
    request: Request, settings: BookSettings, *, form: BookForm | None = None, span: SpanForm | None = None
) -> HttpResponse:
    context = {
        "form": form or BookForm(settings=settings),
        "span": span or _span(request, settings),
        "is_complete": settings.is_complete,
        "is_refused": bool((form and form.errors) or (span and span.errors)),
    }
    is_wrong = context["is_refused"] or (span is not None and not settings.is_complete)
    return render(request, "invoices/console/books.html", context, status=422 if is_wrong else 200)


def _span(request: Request, settings: BookSettings, sent: Any = None) -> SpanForm:
    start, end = last_month(request.agency.today())
    kept = InvoiceSum.objects.filter(what="moved").order_by("currency").values_list("currency", flat=True)
    usual = default_currency()
    currencies = [usual, *(code for code in kept.distinct() if code != usual)]
    first = {"start": start, "end": end, "currency": usual}
    return SpanForm(sent, initial=first, currencies=currencies, year_begins=settings.year_begins)

"""The list as a file: UTF-8, streamed, and harmless in a spreadsheet."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from kit.csv_cells import BOM, csv_text
from kit.money import decimal_text
from modules.invoices.forms import FilterForm
from modules.invoices.models import Invoice
from modules.invoices.queries import lists
from portal.agency import streamed
from portal.gate import managers_only
from portal.http import Request

AT_ONCE = 500
COLUMNS = (
    "number", "state", "client", "title", "issued", "due", "currency", "net", "tax", "gross", "paid", "open",
)  # fmt: skip
Cell = str | Decimal


@managers_only
@require_safe
def export(request: Request) -> HttpResponseBase:
    """What the list shows, as CSV. With `?bom=1` it begins with the mark by which Excel knows UTF-8."""
    found = lists.for_staff(request.staff, today=request.agency.today(), **FilterForm(request.GET).criteria())
    begin = BOM if "bom" in request.GET else ""
    response = StreamingHttpResponse(streamed(_lines(found, begin)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="invoices-{request.agency.today()}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(found: Any, begin: str) -> Iterator[bytes]:
    yield (begin + csv_text([COLUMNS])).encode()
    last = 0
    while True:
        # Some at a time, by key: nothing is held open while a slow line takes the file.
        rows = list(found.filter(pk__gt=last).order_by("pk")[:AT_ONCE])
        if not rows:
            return
        last = rows[-1].pk
        yield csv_text(_cells(invoice) for invoice in rows).encode()


def _cells(invoice: Invoice) -> tuple[Cell, ...]:
    amounts = (
        invoice.net_minor,
        invoice.tax_minor,
        invoice.gross_minor,
        invoice.kept_minor,
        invoice.due_minor,
    )
    return (
        invoice.number or "",
        lists.words_of(invoice),
        str(invoice.owner),
        invoice.title,
        _day(invoice.issued_on),
        _day(invoice.due_on),
        invoice.currency,
        *(Decimal(decimal_text(minor, invoice.currency)) for minor in amounts),
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""

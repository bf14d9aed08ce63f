"""Invoices as a file for the books: a plain CSV, or rows as DATEV's posting batch names them."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from kit.money import decimal_text
from modules.invoices.forms import FilterForm
from modules.invoices.models import INSIDE, Invoice
from modules.invoices.queries import lists
from portal.http import Request

PLAIN = (
    "number", "state", "client", "title", "issued", "due", "currency", "net", "tax", "gross", "paid", "open",
)  # fmt: skip
DATEV = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Belegdatum", "Belegfeld 1",
    "Buchungstext",
)  # fmt: skip


class _Echo:
    """A file for csv.writer that gives each line back."""

    def write(self, line: str) -> str:
        return line


@require_safe
def export(request: Request) -> HttpResponseBase:
    """What the list shows, as CSV; `?kind=datev` in the columns of DATEV's posting batch."""
    kind = "datev" if request.GET.get("kind") == "datev" else "plain"
    found = lists.for_staff(today=request.agency.today(), **FilterForm(request.GET).criteria())
    if kind == "datev":
        rows = _rows(found.exclude(state__in=INSIDE), DATEV, _datev, delimiter=";")
    else:
        rows = _rows(found, PLAIN, _plain, delimiter=",")
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    name = f"invoices-{kind}-{request.agency.today()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _rows(found: Any, head: tuple[str, ...], row: Any, *, delimiter: str) -> Iterator[str]:
    # Read whole before the first byte leaves: the answer is sent after the agency's schema is left.
    invoices = list(found.order_by("pk"))
    lines = [head, *(row(invoice) for invoice in invoices)]
    writer = csv.writer(_Echo(), delimiter=delimiter)
    return iter(["\ufeff", *(writer.writerow([_harmless(cell) for cell in line]) for line in lines)])


def _plain(invoice: Invoice) -> tuple[str, ...]:
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
        *(decimal_text(minor, invoice.currency) for minor in amounts),
    )


def _datev(invoice: Invoice) -> tuple[str, ...]:
    return (
        decimal_text(invoice.gross_minor, invoice.currency).replace(".", ","),
        "S",
        invoice.currency,
        f"{invoice.issued_on:%d%m}" if invoice.issued_on else "",
        invoice.number or "",
        f"{invoice.owner} {invoice.title}"[:60],
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins like this for a formula."""
    is_number = cell[1:].replace(".", "").replace(",", "").isdigit()
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell and not is_number else cell

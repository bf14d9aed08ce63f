"""The editor of lines under a head: of drafts, quotes and repeating invoices alike."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from modules.invoices.forms import BLANK_LINES, InvoiceForm, line_forms
from modules.invoices.models import Invoice, Pattern
from portal.forms import carry_out
from portal.http import Request
from portal.payments.queries import default_currency


def edited(
    request: Request,
    form: InvoiceForm,
    invoice: Invoice | Pattern | None,
    do: Any,
    template: str = "invoices/console/edit.html",
    **more: Any,
) -> HttpResponse | None:
    """The editor, until what was sent could be saved; None then."""
    currency = request.POST.get("currency") or form.initial["currency"]
    known = {code for code, _ in form.fields["currency"].choices}  # type: ignore[attr-defined]
    currency = currency if currency in known else default_currency()
    wants_more = request.method == "POST" and "more" in request.POST
    sent: Any = sent_to(request)
    if wants_more:
        sent = request.POST.copy()
        count = sent.get("lines-TOTAL_FORMS", "0")
        sent["lines-TOTAL_FORMS"] = str(min(200, int(count) + 3)) if count.isdecimal() else "3"
    lines = line_forms(
        sent=sent, currency=currency, invoice=invoice, more=BLANK_LINES + (0 if invoice else 1)
    )
    if request.method == "POST" and not wants_more and lines.is_valid() and form.is_valid():
        written = [line.fields_of_line() for line in lines if not line.is_blank]
        if carry_out(form, do, lines=written):
            return None
    is_refused = request.method == "POST" and not wants_more
    context = {"form": form, "lines": lines, "invoice": invoice, "is_refused": is_refused, **more}
    return render(request, template, context, status=422 if is_refused else 200)


def sent_to(request: Request) -> QueryDict | None:
    """What was posted, for a form that is bound only then."""
    return request.POST if request.method == "POST" else None

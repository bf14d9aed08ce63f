"""How an invoice may be paid, as staff decide it; and automatic payments that were refused."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import TermsForm, WaysForm
from modules.invoices.models import Invoice
from modules.invoices.pages.console import shown
from portal.forms import carry_out
from portal.gate import managers_only
from portal.http import Request
from portal.payments.models import PaymentState


@require_POST
def ways(request: Request, pk: int) -> HttpResponse:
    """Automatic payment, and the parts that the client may choose."""
    invoice = _invoice(request, pk)
    form = WaysForm(request.POST, auto_id="ways-%s")
    if carry_out(form, operations.set_ways, invoice, by=request.staff, trail={"request": request}):
        messages.success(request, "Saved. Your client finds it on the invoice's page.")
        return redirect("invoices:show", invoice.pk)
    return shown(request, invoice, refused=("ways_form", form))


@require_POST
def retry(request: Request, pk: int) -> HttpResponse:
    """Charge a refused automatic payment again, now."""
    invoice = _invoice(request, pk)
    try:
        payment = operations.retry_now(invoice, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("invoices:show", invoice.pk)
    if payment.state == PaymentState.SUCCEEDED:
        messages.success(request, "Charged. Your client gets a receipt by mail now.")
    elif payment.state == PaymentState.FAILED:
        messages.error(request, "It was refused again. Your client has been told.")
    else:
        messages.info(request, "Asked. The bank has not answered yet; this page follows by itself.")
    return redirect("invoices:show", invoice.pk)


@require_POST
def end_autopay(request: Request, pk: int) -> HttpResponse:
    """No automatic payment of this invoice any more."""
    invoice = _invoice(request, pk)
    operations.end(invoice, by=request.staff, trail={"request": request})
    messages.success(request, "Automatic payment is off for this invoice.")
    return redirect("invoices:show", invoice.pk)


@managers_only
@require_POST
def terms(request: Request, pk: int) -> HttpResponse:
    """What holds for this client's invoices."""
    invoice = _invoice(request, pk)
    form = TermsForm(request.POST)
    if carry_out(form, operations.set_terms, invoice.owner, by=request.staff, trail={"request": request}):
        messages.success(request, f"Saved for all invoices to {invoice.owner}.")
    else:
        messages.error(request, "Choose one of the list.")
    return redirect("invoices:buyer", invoice.pk)


@require_POST
def count(request: Request, pk: int) -> HttpResponse:
    """Count what was paid too much for another open invoice of the same client."""
    invoice = _invoice(request, pk)
    other = get_object_or_404(_invoices(request), pk=_number(request))
    try:
        operations.count_for(invoice, other, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, f"Counted for {other}. Nothing had to move at the bank.")
    return redirect("invoices:show", invoice.pk)


def _invoices(request: Request) -> Any:
    return Invoice.objects.served_by(request.staff).select_related("company", "client")


def _invoice(request: Request, pk: int) -> Invoice:
    found: Invoice = get_object_or_404(_invoices(request), pk=pk)
    return found


def _number(request: Request) -> int:
    text = request.POST.get("invoice", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

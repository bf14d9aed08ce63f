"""How a client pays: by itself on the due date, or in parts of its own choice."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from kit.money import format_money
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import ChooseForm, in_currency
from modules.invoices.models import Invoice
from modules.invoices.queries import autopay as queries
from modules.invoices.queries import people
from portal.forms import carry_out
from portal.http import Request
from portal.payments.queries import owners_of
from portal.people.models import Client, Company

CARD_NEXT = "Agreed. Now save the card or account that is to be charged."


@require_POST
def autopay(request: Request, pk: int) -> HttpResponse:
    """Switch the automatic payment of one invoice on or off."""
    invoice = _mine(request, pk)
    here = reverse("invoices:show", args=[invoice.pk])
    try:
        if request.POST.get("on") != "yes":
            operations.end(invoice, by=request.client, trail={"request": request})
            messages.success(request, "Automatic payment is off. You pay this invoice yourself.")
            return redirect(here)
        operations.agree(invoice, client=request.client, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect(here)
    return _switched_on(request, queries.method_of(invoice.owner), here)


@require_POST
def autopay_all(request: Request) -> HttpResponse:
    """The same for all invoices of the client, or of a company that it pays for."""
    owner = _owner(request)
    here = reverse("payments:methods")
    try:
        if request.POST.get("on") != "yes":
            operations.end_for_all(owner, by=request.client, trail={"request": request})
            messages.success(request, "Automatic payment is off. You pay your invoices yourself.")
            return redirect(here)
        operations.agree_to_all(owner, client=request.client, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect(here)
    return _switched_on(request, queries.method_of(owner), here)


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: Request, pk: int) -> HttpResponse:
    """Choose to pay in parts; the limits are the agency's."""
    invoice = _mine(request, pk)
    if not people.may_pay(invoice, request.client):
        raise Http404
    options = operations.options_of(invoice)
    if not options:
        messages.error(request, "How this invoice is paid cannot be chosen any more.")
        return redirect("invoices:show", invoice.pk)
    form = _form(request, invoice, options)
    trail: Any = {"request": request}
    if request.method == "POST" and carry_out(
        form, operations.choose_plan, invoice, client=request.client, trail=trail
    ):
        messages.success(request, "Your payments are planned. The first one is below.")
        return redirect("invoices:show", invoice.pk)
    context = {"invoice": invoice, "form": form}
    return render(request, "invoices/client/plan.html", context, status=422 if form.errors else 200)


@require_POST
def unplan(request: Request, pk: int) -> HttpResponse:
    """All at once after all."""
    invoice = _mine(request, pk)
    try:
        operations.withdraw_plan(invoice, client=request.client, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, "No parts any more: all is due on one day.")
    return redirect("invoices:show", invoice.pk)


def _form(request: Request, invoice: Invoice, options: list[operations.Option]) -> ChooseForm:
    counts = [(str(option.count), _words(invoice, option)) for option in options]
    limits = operations.limits_of(invoice)
    least = format_money(limits.first_minor if limits else 0, invoice.currency)
    form = ChooseForm(
        request.POST if request.method == "POST" else None,
        initial={"count": counts[0][0]},
        counts=counts,
        least=least,
    )
    in_currency(form, invoice.currency)
    return form


def _words(invoice: Invoice, option: operations.Option) -> str:
    """ "3 payments|€40.00 by 5 December, then …"."""
    first, second, last = option.parts[0], option.parts[1], option.parts[-1]
    assert first.due_on and second.due_on and last.due_on
    rest = format_money(second.minor, invoice.currency)
    words = f"{format_money(first.minor, invoice.currency)} by {date_format(first.due_on, 'j F Y')}, then "
    if option.count == 2:
        words += f"{rest} by {date_format(second.due_on, 'j F Y')}"
    else:
        words += f"{option.count - 1} times {rest}, the last by {date_format(last.due_on, 'j F Y')}"
    return f"{option.count} payments|{words}"


def _switched_on(request: Request, method: object, here: str) -> HttpResponse:
    if method is None:
        messages.info(request, CARD_NEXT)
        return redirect(f"{reverse('payments:methods')}?{urlencode({'next': here})}")
    messages.success(request, f"Automatic payment is on, from {method}. You hear from us before each charge.")
    return redirect(here)


def _mine(request: Request, pk: int) -> Invoice:
    mine = Invoice.objects.visible_to(request.client).select_related("company", "client")
    found: Invoice = get_object_or_404(mine, pk=pk)
    return found


def _owner(request: Request) -> Company | Client:
    asked = request.POST.get("owner", "")
    for owner in owners_of(request.client):
        if f"{'company' if isinstance(owner, Company) else 'client'}-{owner.pk}" == asked:
            return owner
    raise Http404

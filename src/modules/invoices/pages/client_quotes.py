"""What clients see of quotes, and how they accept or decline them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from kit.paging import BadCursor, page_by_id
from modules.invoices import operations
from modules.invoices.forms import AcceptForm, DeclineForm
from modules.invoices.models import Invoice, Quote
from modules.invoices.pages.answers import pdf
from modules.invoices.pages.quotes import file_name, plan_rows
from modules.invoices.queries import people, quotes
from portal.forms import carry_out
from portal.http import Request

PER_PAGE = 25


@require_safe
def index(request: Request) -> HttpResponse:
    """All quotes of this client, newest first."""
    try:
        rows = page_by_id(quotes.for_client(request.client), cursor=request.GET.get("after"), size=PER_PAGE)
    except BadCursor:
        raise Http404 from None
    context = {
        "rows": quotes.with_status(rows.rows),
        "next_cursor": rows.next_cursor,
        "is_later": "after" in request.GET,
    }
    return render(request, "invoices/client/quotes.html", context)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One quote, with the way to answer it beside it (on a phone below it: read first)."""
    quote = _mine(request, pk)
    if request.viewing is None:
        operations.mark_quote_viewed(quote)
    return _shown(request, quote)


@require_safe
def paper(request: Request, pk: int) -> HttpResponse:
    """The quote as PDF."""
    quote = _mine(request, pk)
    return pdf(quotes.quote_pdf(quote, plan_rows(quote.pattern)), file_name(quote))


@require_POST
def accept(request: Request, pk: int) -> HttpResponse:
    """Accept in one's own name."""
    form = AcceptForm(request.POST, auto_id="accept-%s")
    return _answered(request, pk, "accept_form", form, operations.accept_quote)


@require_POST
def decline(request: Request, pk: int) -> HttpResponse:
    """Decline with a reason."""
    form = DeclineForm(request.POST, auto_id="decline-%s")
    return _answered(request, pk, "decline_form", form, operations.decline_quote)


def _answered(request: Request, pk: int, name: str, form: Any, do: Callable[..., Any]) -> HttpResponse:
    quote = _mine(request, pk)
    if not people.may_answer(quote, request.client):
        raise Http404
    if not carry_out(form, do, quote, client=request.client, request=request):
        quote.refresh_from_db()
        return _shown(request, quote, {name: form})
    if name == "decline_form":
        messages.success(request, f"Declined. {request.agency.name} hears why by mail now.")
        return redirect("invoices:quote", quote.pk)
    return _thanked(request, quote)


def _thanked(request: Request, quote: Quote) -> HttpResponse:
    invoice = Invoice.objects.visible_to(request.client).filter(quote=quote).first()
    if invoice is None:
        messages.success(request, f"Thank you. {request.agency.name} knows, and sends you the invoice.")
        return redirect("invoices:quote", quote.pk)
    messages.success(request, "Thank you. This is the invoice; you also get it by mail.")
    return redirect("invoices:show", invoice.pk)


def _shown(request: Request, quote: Quote, refused: dict[str, Any] | None = None) -> HttpResponse:
    mine = Quote.objects.visible_to(request.client)
    forms: dict[str, Any] = {
        "accept_form": AcceptForm(auto_id="accept-%s", initial={"name": request.client.name}),
        "decline_form": DeclineForm(auto_id="decline-%s"),
    }
    context = {
        "page": quotes.page_of(quote),
        "quote": quote,
        "pattern": quote.pattern,
        "plan": plan_rows(quote.pattern),
        "may_answer": people.may_answer(quote, request.client),
        "newer": mine.filter(replaces=quote).first(),
        "its_invoice": Invoice.objects.visible_to(request.client).filter(quote=quote).first(),
        **forms,
        **(refused or {}),
    }
    return render(request, "invoices/client/quote.html", context, status=422 if refused else 200)


def _mine(request: Request, pk: int) -> Quote:
    mine = Quote.objects.visible_to(request.client).select_related("pattern", "company", "client")
    found: Quote = get_object_or_404(mine, pk=pk)
    return found

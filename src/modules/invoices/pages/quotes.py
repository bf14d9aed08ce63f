"""Where staff find, write, send and look after quotes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.paging import BadCursor, page_by_id
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import NewQuoteForm, QuoteFilterForm, QuoteForm, ReasonForm
from modules.invoices.models import InvoiceSettings, Pattern, Quote
from modules.invoices.operations.patterns import PATTERN_FIELDS
from modules.invoices.operations.quoting import DAYS_VALID
from modules.invoices.pages.answers import pdf
from modules.invoices.pages.editing import edited, sent_to
from modules.invoices.queries import people, quotes
from portal.forms import carry_out
from portal.http import Request
from portal.payments.queries import default_currency

PER_PAGE = 50
EDITOR = "invoices/console/edit_quote.html"
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All quotes, newest first."""
    filters = QuoteFilterForm(request.GET)
    found = quotes.for_staff(request.staff, **filters.criteria())
    try:
        rows = page_by_id(found, cursor=request.GET.get("after"), size=PER_PAGE)
    except BadCursor:
        raise Http404 from None
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {
        "rows": quotes.with_status(rows.rows),
        "next_cursor": rows.next_cursor,
        "filters": filters,
        "query": f"{kept.urlencode()}&" if kept else "",
        "is_filtered": any(kept.values()),
        "is_later": "after" in request.GET,
    }
    return render(request, "invoices/console/quotes.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Write a quote."""
    settings = InvoiceSettings.load()
    first = {
        "currency": default_currency(),
        "days_to_pay": settings.days_to_pay,
        "terms": settings.terms,
        "valid_until": request.agency.today() + timedelta(days=DAYS_VALID),
        "on_acceptance": "draft",
        "owner": request.GET.get("owner", ""),
    }
    form = NewQuoteForm(sent_to(request), initial=first, staff=request.staff)
    made: list[Quote] = []

    def make(**fields: Any) -> None:
        made.append(operations.create_quote(by=request.staff, trail={"request": request}, **fields))

    return edited(request, form, None, make, EDITOR, quote=None) or redirect("invoices:quote", made[0].pk)


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a draft."""
    quote = _quote(request, pk)
    if quote.is_sent:
        messages.error(request, operations.Sent.words)
        return redirect("invoices:quote", quote.pk)
    initial = {name: getattr(quote.pattern, name) for name in PATTERN_FIELDS}
    initial |= {"valid_until": quote.valid_until, "on_acceptance": quote.on_acceptance}
    form = QuoteForm(sent_to(request), initial=initial)

    def change(**fields: Any) -> None:
        operations.edit_quote(quote, by=request.staff, trail={"request": request}, **fields)

    response = edited(request, form, quote.pattern, change, EDITOR, quote=quote)
    return response or redirect("invoices:quote", quote.pk)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One quote with all that can be done with it."""
    return _shown(request, _quote(request, pk))


def _shown(request: Request, quote: Quote, withdraw_form: Any = None) -> HttpResponse:
    context = {
        "page": quotes.page_of(quote),
        "quote": quote,
        "pattern": quote.pattern,
        "plan": plan_rows(quote.pattern),
        "is_complete": InvoiceSettings.load().is_complete,
        "withdraw_form": withdraw_form or ReasonForm(auto_id="withdraw-%s"),
    }
    return render(request, "invoices/console/quote.html", context, status=422 if withdraw_form else 200)


@require_safe
def paper(request: Request, pk: int) -> HttpResponse:
    """The quote as PDF."""
    quote = _quote(request, pk)
    return pdf(quotes.quote_pdf(quote, plan_rows(quote.pattern)), file_name(quote))


@require_POST
def send(request: Request, pk: int) -> HttpResponse:
    """Give it its number and mail it."""
    quote = _quote(request, pk)
    told = [client.first_name for client in people.clients_of(quote)]
    who = " and ".join(told[:2])
    words = f"Sent. {who} {'get' if len(told) > 1 else 'gets'} it by mail now." if told else (
        "Sent, but nobody could be mailed: no client with access may see this company's money."
    )  # fmt: skip
    return _button(request, quote, words, operations.send_quote)


@require_POST
def version(request: Request, pk: int) -> HttpResponse:
    """Begin a new version."""
    try:
        newer = operations.new_version(_quote(request, pk), by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("invoices:quote", pk)
    messages.success(request, "This is the new version. The old one holds until you send this one.")
    return redirect("invoices:edit-quote", newer.pk)


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take it back before it is answered."""
    quote = _quote(request, pk)
    form = ReasonForm(request.POST, auto_id="withdraw-%s")
    if carry_out(form, operations.withdraw_quote, quote, by=request.staff, trail={"request": request}):
        messages.success(request, "Taken back. Your client hears that it does not hold any more.")
        return redirect("invoices:quote", quote.pk)
    return _shown(request, quote, form)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Throw a draft away."""
    quote = _quote(request, pk)
    try:
        operations.delete_quote(quote, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("invoices:quote", quote.pk)
    messages.success(request, "Draft deleted. Nobody outside has seen it.")
    return redirect("invoices:quotes")


@require_POST
def invoice(request: Request, pk: int) -> HttpResponse:
    """The invoice of an accepted quote."""
    try:
        made = operations.invoice_quote(_quote(request, pk), by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("invoices:quote", pk)
    return redirect("invoices:show", made.pk)


def plan_rows(pattern: Pattern) -> list[tuple[str, int]]:
    """The plan in words with its amounts; nothing when all is paid at once."""
    return [
        (f"{part.label}, {_when(part.days_after_issue or 0)}", part.minor)
        for part in operations.plan_of(pattern)
    ]


def file_name(quote: Quote) -> str:
    """What its PDF is called."""
    return f"quote-{quote.shown_number.replace('/', '-v') or 'draft'}"


def _when(days: int) -> str:
    return f"{days} days after the invoice" if days else "with the invoice"


def _button(request: Request, quote: Quote, done: str, do: Callable[..., Any]) -> HttpResponse:
    try:
        do(quote, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    else:
        messages.success(request, done)
    return redirect("invoices:quote", quote.pk)


def _quote(request: Request, pk: int) -> Quote:
    found: Quote = get_object_or_404(
        Quote.objects.served_by(request.staff).select_related(
            "pattern", "company", "client", "invoice", "replaces"
        ),
        pk=pk,
    )
    return found

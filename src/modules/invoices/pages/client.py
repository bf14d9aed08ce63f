"""What clients see of invoices, and how they pay."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.money import decimal_text
from kit.paging import BadCursor
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import DetailsForm, TransferForm, in_currency
from modules.invoices.models import Invoice, Quote
from modules.invoices.pages.answers import pdf
from modules.invoices.queries import autopay, figures, lists, page, papers, people, quotes
from portal.forms import carry_out
from portal.http import Request
from portal.panels import filled_panels
from portal.payments.queries import can_take_cards, owners_of, transfer_words
from portal.people.acting import chosen_company, companies_shown
from portal.people.models import Right
from portal.uploads.operations import store
from portal.uploads.rules import UploadRefused, UploadRule

PER_PAGE = 25
PROOF = UploadRule(
    types=("application/pdf", "image/png", "image/jpeg", "image/webp"),
    limit_bytes=10 * 1024**2,
    words="Choose a picture or a PDF.",
)
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All invoices of this client, newest first, with what is open."""
    shown = request.GET.get("show", "")
    shown = shown if shown in lists.CLIENT_FILTERS else ""
    today = request.agency.today()
    seen, chosen = people.seen_by(request.client), chosen_company(request)
    if chosen:
        seen = seen.only(chosen)
    try:
        rows = lists.for_client(
            seen.parts, shown=shown, cursor=request.GET.get("after"), size=PER_PAGE, today=today
        )
    except BadCursor:
        raise Http404 from None
    if companies_shown(request):
        prefetch_related_objects(rows.rows, "company")
    context = {
        "rows": lists.with_status(rows.rows),
        "next_cursor": rows.next_cursor,
        "filters": lists.CLIENT_FILTERS,
        "shown": shown,
        "chosen": chosen,
        "query": f"company={chosen.pk}&" if chosen else "",
        "totals": figures.of_seen(seen.whole, seen.rest, today),
        "is_later": "after" in request.GET,
        "has_quotes": quotes.for_client(request.client).exists(),
        "quotes_waiting": Quote.objects.visible_to(request.client).waiting(today).count(),
        "pays": bool(owners_of(request.client)),
    }
    return render(request, "invoices/client/index.html", context)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One invoice; the way to pay it stands on top."""
    invoice = _mine(request, pk)
    if request.viewing is None:
        operations.mark_viewed(invoice)
    may_pay = people.may_pay(invoice, request.client)
    shown = page.page_of(invoice)
    context = {
        "page": shown,
        "invoice": invoice,
        "choices": operations.choices_of(invoice) if may_pay and not invoice.is_processing else [],
        "may_pay": may_pay,
        "takes_cards": can_take_cards(),
        "autopay": autopay.standing_of(invoice),
        "may_choose": may_pay and bool(operations.options_of(invoice)),
        "transfer_words": transfer_words(),
        "reported": [one for one in shown.reports if one.state == "waiting"],
        "asked_again": [one for one in shown.reports[:1] if one.state == "refused"],
        "panels": filled_panels("invoices.client", request, invoice),
    }
    return render(request, "invoices/client/show.html", context)


@require_POST
def pay(request: Request, pk: int) -> HttpResponse:
    """Begin a card payment of one of the offered amounts."""
    invoice = _mine(request, pk)
    try:
        payment = operations.start_payment(
            invoice,
            choice=request.POST.get("choice", ""),
            client=request.client,
            with_autopay="autopay" in request.POST,
            trail={"request": request},
        )
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("invoices:show", invoice.pk)
    return redirect("payments:pay", payment.uid)


@read_and_write
def transfer(request: Request, pk: int) -> HttpResponse:
    """ "I have paid": amount, day and proof."""
    invoice = _mine(request, pk)
    if not people.may_pay(invoice, request.client):
        raise Http404
    first = {"minor": decimal_text(invoice.due_minor, invoice.currency), "paid_on": request.agency.today()}
    is_sent = request.method == "POST"
    form = TransferForm(request.POST if is_sent else None, request.FILES if is_sent else None, initial=first)
    in_currency(form, invoice.currency)
    if request.method == "POST" and carry_out(form, _report, request=request, invoice=invoice):
        messages.success(request, f"Thank you. {request.agency.name} confirms it when the money is there.")
        return redirect("invoices:show", invoice.pk)
    context = {"invoice": invoice, "form": form, "transfer_words": transfer_words()}
    return render(request, "invoices/client/transfer.html", context, status=422 if form.errors else 200)


@require_safe
def paper(request: Request, pk: int) -> HttpResponse:
    """The invoice as PDF."""
    invoice = _mine(request, pk)
    return pdf(papers.invoice_pdf(invoice), f"invoice-{invoice.number}")


@require_safe
def receipt(request: Request, pk: int) -> HttpResponse:
    """What was paid, as PDF."""
    invoice = _mine(request, pk)
    if invoice.kept_minor <= 0:
        raise Http404
    return pdf(papers.receipt_pdf(invoice), f"receipt-{invoice.number}")


@require_safe
def credit_note(request: Request, pk: int, note: int) -> HttpResponse:
    """A credit note as PDF."""
    found = get_object_or_404(_mine(request, pk).credit_notes.select_related("invoice"), pk=note)
    return pdf(papers.credit_note_pdf(found), f"credit-note-{found.number}")


@read_and_write
def details(request: Request) -> HttpResponse:
    """How the client, or the one company it pays for, is named on invoices."""
    memberships = request.client.memberships.filter(rights__contains=[Right.PAY]).select_related("company")
    owners: list[Any] = [one.company for one in memberships] or [request.client]
    owner = next((one for one in owners if str(one.pk) == request.GET.get("company")), owners[0])
    now = people.details_of(owner)
    initial = {name: getattr(now, name) for name in DetailsForm.base_fields} if now else {"name": str(owner)}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=initial)
    trail: Any = {"request": request}
    if request.method == "POST" and carry_out(
        form, operations.set_billing_details, owner, by=request.client, trail=trail
    ):
        messages.success(request, "Saved. Your next invoice is written to this address.")
        return redirect(f"{reverse('invoices:details')}?company={owner.pk}")
    context = {"form": form, "owner": owner, "owners": owners}
    return render(request, "invoices/client/details.html", context, status=422 if form.errors else 200)


def _mine(request: Request, pk: int) -> Invoice:
    mine = Invoice.objects.visible_to(request.client).select_related("company", "client")
    found: Invoice = get_object_or_404(mine, pk=pk)
    return found


def _report(*, request: Request, invoice: Invoice, proof: Any = None, **fields: Any) -> None:
    if not people.may_pay(invoice, request.client):
        raise operations.NotAllowed
    try:
        upload = store(proof, PROOF) if proof else None
    except UploadRefused as refused:
        raise Refused(refused.words, field="proof") from refused
    operations.report_transfer(
        invoice, client=request.client, proof=upload, trail={"request": request}, **fields
    )

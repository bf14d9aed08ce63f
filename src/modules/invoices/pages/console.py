"""Where staff find, write, send and look after invoices."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit.paging import BadCursor
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.forms import (
    BookForm,
    CreditForm,
    FeeForm,
    FilterForm,
    InvoiceForm,
    NewInvoiceForm,
    PlanForm,
    ReasonForm,
    ScheduleForm,
    WaysForm,
    in_currency,
)
from modules.invoices.models import Invoice, InvoiceSettings
from modules.invoices.pages.answers import pdf
from modules.invoices.pages.editing import edited, sent_to
from modules.invoices.queries import autopay, figures, lists, page, papers
from portal.http import Request
from portal.payments.queries import can_take_cards, default_currency, transfer_words

PER_PAGE = 50
WAYS = ("autopay", "plan_parts", "plan_first_percent")
HEAD = (
    "title", "currency", "due_on", "days_to_pay", "delivered_on", "reference", "discount_percent", "notes",
    "terms",
)  # fmt: skip
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """All invoices, newest first or by the day they were due, under what they come to."""
    filters = FilterForm(request.GET)
    today = request.agency.today()
    criteria = filters.criteria()
    found = lists.for_staff(request.staff, today=today, **criteria)
    try:
        rows = lists.page_of(found, shown=criteria["shown"], cursor=request.GET.get("after"), size=PER_PAGE)
    except BadCursor:
        raise Http404 from None
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {
        "rows": lists.with_status(rows.rows),
        "next_cursor": rows.next_cursor,
        "totals": [] if request.staff.is_limited else figures.of_agency(today),
        "month": today,
        "filters": filters,
        "query": f"{kept.urlencode()}&" if kept else "",
        "is_filtered": any(kept.values()),
        "is_later": "after" in request.GET,
        "is_complete": InvoiceSettings.load().is_complete,
        "is_payable": can_take_cards() or bool(transfer_words()),
    }
    return render(request, "invoices/console/index.html", context)


@read_and_write
def new(request: Request) -> HttpResponse:
    """Write a draft."""
    settings = InvoiceSettings.load()
    first = {"currency": default_currency(), "days_to_pay": settings.days_to_pay, "terms": settings.terms}
    form = NewInvoiceForm(
        sent_to(request), initial=first | {"owner": request.GET.get("owner", "")}, staff=request.staff
    )
    made: list[Invoice] = []

    def make(**fields: Any) -> None:
        made.append(operations.create_invoice(by=request.staff, trail={"request": request}, **fields))

    response = edited(request, form, None, make)
    return response or redirect("invoices:show", made[0].pk)


@read_and_write
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a draft."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    if invoice.is_issued:
        messages.error(request, operations.Issued.words)
        return redirect("invoices:show", invoice.pk)
    form = InvoiceForm(sent_to(request), initial={name: getattr(invoice, name) for name in HEAD})

    def change(**fields: Any) -> None:
        operations.edit_invoice(invoice, by=request.staff, trail={"request": request}, **fields)

    return edited(request, form, invoice, change) or redirect("invoices:show", invoice.pk)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """One invoice with all that can be done with it."""
    return shown(
        request,
        get_object_or_404(
            Invoice.objects.served_by(request.staff).select_related("company", "client"), pk=pk
        ),
    )


def shown(request: Request, invoice: Invoice, refused: tuple[str, Any] | None = None) -> HttpResponse:
    """The page; `refused` is the form that came back, with its name."""
    forms: dict[str, Any] = {
        "void_form": ReasonForm(auto_id="void-%s"),
        "write_off_form": ReasonForm(auto_id="write-off-%s"),
        "credit_form": CreditForm(auto_id="credit-%s"),
        "book_form": BookForm(auto_id="book-%s"),
        "fee_form": FeeForm(auto_id="fee-%s"),
        "schedule_form": ScheduleForm(auto_id="schedule-%s"),
        "plan_form": PlanForm(auto_id="plan-%s"),
        "ways_form": WaysForm(auto_id="ways-%s", initial={name: getattr(invoice, name) for name in WAYS}),
    }
    if refused:
        forms[refused[0]] = refused[1]
    context = {
        "page": page.page_of(invoice),
        "invoice": invoice,
        "is_complete": InvoiceSettings.load().is_complete,
        "is_payable": can_take_cards() or bool(transfer_words()),
        "autopay": autopay.standing_of(invoice),
        "others": lists.open_beside(invoice) if invoice.over_minor else [],
        "refused": refused[0] if refused else "",
        **forms,
    }
    return render(request, "invoices/console/show.html", context, status=422 if refused else 200)


@require_safe
def paper(request: Request, pk: int) -> HttpResponse:
    """The invoice as PDF; of a draft as it would be today."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    return pdf(papers.invoice_pdf(invoice), f"invoice-{invoice.number or 'draft'}")


@require_safe
def credit_note(request: Request, pk: int, note: int) -> HttpResponse:
    """A credit note as PDF."""
    found = get_object_or_404(
        get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk).credit_notes, pk=note
    )
    return pdf(papers.credit_note_pdf(found), f"credit-note-{found.number}")


@require_POST
def copy(request: Request, pk: int) -> HttpResponse:
    """A new draft with the same content."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    made = operations.copy_invoice(invoice, by=request.staff, trail={"request": request})
    messages.success(request, "Copied. This is the new draft; your client does not see it yet.")
    return redirect("invoices:edit", made.pk)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Throw a draft away."""
    invoice = get_object_or_404(Invoice.objects.served_by(request.staff), pk=pk)
    try:
        operations.delete_draft(invoice, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("invoices:show", invoice.pk)
    messages.success(request, "Draft deleted. Nobody outside has seen it.")
    return redirect("invoices:index")


def with_amounts(form: Any, invoice: Invoice) -> Any:
    """The form, reading amounts in the invoice's currency."""
    in_currency(form, invoice.currency)
    return form

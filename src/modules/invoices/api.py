"""Invoices for the agency's own programs: the operations of the console's pages."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from kit.refused import Refused
from modules.invoices.models import Invoice, TaxRate
from modules.invoices.operations import create_invoice, credit, edit_invoice, issue, mark_paid, void
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Client, Company

router = Router(tags=["invoices"])


class LineOut(Schema):
    """A line; amounts are minor units of the invoice's currency."""

    description: str
    quantity: Decimal
    unit: str
    unit_minor: int
    discount_percent: Decimal
    tax_name: str
    tax_percent: Decimal
    tax_included: bool


class InvoiceOut(Schema):
    """An invoice. Amounts are minor units (cents, yen, fils) of `currency`; drafts have no number."""

    id: int
    number: str | None
    state: str
    is_overdue: bool
    title: str
    company_id: int | None
    client_id: int | None
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    paid_minor: int
    due_minor: int
    issued_on: date | None
    due_on: date | None
    created_at: datetime


class InvoiceWithLines(InvoiceOut):
    """An invoice with its lines, in order."""

    lines: list[LineOut]


class LineIn(Schema):
    """A line to write. `tax_rate_id` is one of the agency's rates; left out: no tax."""

    description: str = Field(min_length=1, max_length=500)
    quantity: Decimal = Field(Decimal(1), max_digits=12, decimal_places=3)
    unit: str = Field("", max_length=20)
    unit_minor: int
    discount_percent: Decimal = Field(Decimal(0), ge=0, le=100, decimal_places=2)
    tax_rate_id: int | None = None
    tax_included: bool = False


class InvoiceFields(Schema):
    """What may be set of a draft; what is left out stays as it is."""

    title: str | None = Field(None, min_length=1, max_length=160)
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    discount_percent: Decimal | None = Field(None, ge=0, le=100, decimal_places=2)
    notes: str | None = None
    terms: str | None = None
    reference: str | None = None
    due_on: date | None = None
    days_to_pay: int | None = Field(None, ge=0, le=366)
    lines: list[LineIn] | None = None


class InvoiceIn(InvoiceFields):
    """A new draft, of a company or of a lone client."""

    title: str = Field(min_length=1, max_length=160)
    company_id: int | None = None
    client_id: int | None = None
    lines: list[LineIn] = Field(default_factory=list)


class PaymentIn(Schema):
    """Money that came outside the portal."""

    minor: int = Field(gt=0)
    note: str = Field("", max_length=200)
    received_on: date | None = Field(None, description="the day on which it came; left out: today")


class CreditIn(Schema):
    """How much is taken back, with tax, and why."""

    minor: int = Field(gt=0)
    reason: str = Field(min_length=1, max_length=200)


class CreditOut(Schema):
    """A credit note."""

    id: int
    number: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    issued_on: date


class VoidIn(Schema):
    """Why nothing is to be paid any more."""

    reason: str = Field(min_length=1, max_length=200)


@router.get("/", response={200: Paged[InvoiceOut], **ANSWERS})
def list_invoices(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """All invoices of the agency, newest first, drafts included."""
    return paged(Invoice.objects.all(), paging, invoice_out)


@router.post("/", response={201: InvoiceWithLines, **ANSWERS})
def create(request: Request, payload: InvoiceIn) -> tuple[int, dict[str, Any]]:
    """Write a draft; name exactly one of company_id and client_id."""
    fields = _fields(payload)
    lines = fields.pop("lines", [])
    owner = _owner(payload.company_id, payload.client_id)
    made = create_invoice(owner=owner, by=request.staff, lines=lines, trail={"request": request}, **fields)
    return 201, invoice_with_lines(made)


@router.get("/{int:invoice_id}/", response={200: InvoiceWithLines, **ANSWERS})
def show(request: Request, invoice_id: int) -> dict[str, Any]:
    """One invoice with its lines."""
    return invoice_with_lines(_invoice(invoice_id))


@router.patch("/{int:invoice_id}/", response={200: InvoiceWithLines, **ANSWERS})
def change(request: Request, invoice_id: int, payload: InvoiceFields) -> dict[str, Any]:
    """Change what is given of a draft; `lines` replaces all of them. What is issued stays."""
    fields = _fields(payload)
    edit_invoice(_invoice(invoice_id), by=request.staff, trail={"request": request}, **fields)
    return invoice_with_lines(_invoice(invoice_id))


@router.put("/{int:invoice_id}/issue/", response={200: InvoiceWithLines, **ANSWERS})
def issue_invoice(request: Request, invoice_id: int) -> dict[str, Any]:
    """Give it its number and mail it; twice is as good as once."""
    issue(_invoice(invoice_id), by=request.staff, trail={"request": request})
    return invoice_with_lines(_invoice(invoice_id))


@router.put("/{int:invoice_id}/void/", response={200: InvoiceWithLines, **ANSWERS})
def void_invoice(request: Request, invoice_id: int, payload: VoidIn) -> dict[str, Any]:
    """Declare an unpaid one void; its number stays taken."""
    void(_invoice(invoice_id), reason=payload.reason, by=request.staff, trail={"request": request})
    return invoice_with_lines(_invoice(invoice_id))


@router.post("/{int:invoice_id}/payments/", response={201: InvoiceWithLines, **ANSWERS})
def book_payment(request: Request, invoice_id: int, payload: PaymentIn) -> tuple[int, dict[str, Any]]:
    """Book money that came outside the portal. Send an Idempotency-Key, so that a repeat books nothing."""
    mark_paid(
        _invoice(invoice_id),
        minor=payload.minor,
        note=payload.note,
        received_on=payload.received_on,
        by=request.staff,
        trail={"request": request},
    )
    return 201, invoice_with_lines(_invoice(invoice_id))


@router.post("/{int:invoice_id}/credit-notes/", response={201: CreditOut, **ANSWERS})
def create_credit_note(request: Request, invoice_id: int, payload: CreditIn) -> tuple[int, dict[str, Any]]:
    """Take back all or part of an issued invoice."""
    note = credit(
        _invoice(invoice_id),
        minor=payload.minor,
        reason=payload.reason,
        by=request.staff,
        trail={"request": request},
    )
    names = ("number", "net_minor", "tax_minor", "gross_minor", "issued_on")
    return 201, {"id": note.pk, **{name: getattr(note, name) for name in names}}


def invoice_out(invoice: Invoice) -> dict[str, Any]:
    """An invoice as the API shows it."""
    names = (
        "number", "state", "is_overdue", "title", "company_id", "client_id", "currency", "net_minor",
        "tax_minor", "gross_minor", "due_minor", "issued_on", "due_on", "created_at",
    )  # fmt: skip
    fields = {name: getattr(invoice, name) for name in names}
    return {"id": invoice.pk, "paid_minor": invoice.kept_minor, **fields}


def invoice_with_lines(invoice: Invoice) -> dict[str, Any]:
    """An invoice with its lines in order."""
    names = tuple(LineOut.model_fields)
    lines = [{name: getattr(line, name) for name in names} for line in invoice.lines.all()]
    return {**invoice_out(invoice), "lines": lines}


def _fields(payload: InvoiceFields) -> dict[str, Any]:
    """What the operations take: nulls are what was left out, rates are rows."""
    fields = payload.dict(exclude_unset=True, exclude={"company_id", "client_id"})
    lines = fields.pop("lines", None)
    fields = {name: value for name, value in fields.items() if value is not None or name == "due_on"}
    return fields if lines is None else {**fields, "lines": [_line(line) for line in lines]}


def _line(given: dict[str, Any]) -> dict[str, Any]:
    rate_id = given.pop("tax_rate_id", None)
    rate = TaxRate.objects.filter(pk=rate_id).first() if rate_id is not None else None
    if rate_id is not None and rate is None:
        raise Refused("There is no such tax rate.", field="tax_rate_id")
    return {**given, "tax": rate}


def _invoice(invoice_id: int) -> Invoice:
    found: Invoice | None = Invoice.objects.filter(pk=invoice_id).first()
    if found is None:
        raise Http404
    return found


def _owner(company_id: int | None, client_id: int | None) -> Company | Client:
    if (company_id is None) == (client_id is None):
        raise Refused("Name exactly one of company_id and client_id.", field="company_id")
    owner: Company | Client | None
    if company_id is not None:
        owner = Company.objects.filter(pk=company_id).first()
    elif client_id is not None:
        owner = Client.objects.filter(pk=client_id).first()
    else:
        owner = None
    if owner is None:
        raise Refused("There is no such owner.", field="company_id" if company_id else "client_id")
    return owner

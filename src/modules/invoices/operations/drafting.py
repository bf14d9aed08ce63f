"""Drafts: made, edited, copied, deleted. Clients never see them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction

from kit.money import exponent
from kit.refused import NotValid
from kit.typed import apply, check_fields, storable
from modules.invoices.models import (
    Instalment,
    Invoice,
    InvoiceSettings,
    Line,
    Pattern,
    PatternLine,
    State,
    TaxRate,
)
from modules.invoices.models.arithmetic import Sums, spread
from modules.invoices.operations.checks import LARGEST, hold_draft
from portal.audit.operations import Trail, record
from portal.payments.queries import default_currency
from portal.people.models import Client, Company, Staff

MOST_LINES = 200


class LineFields(TypedDict, total=False):
    """A line. Left out: quantity 1, no discount, no tax."""

    description: str
    quantity: Decimal
    unit: str
    unit_minor: int
    discount_percent: Decimal
    tax: TaxRate | None
    tax_included: bool


class InvoiceFields(TypedDict, total=False):
    """What staff decide about a draft. Left out: as it was, or the agency's default."""

    title: str
    currency: str
    discount_percent: Decimal
    discount_minor: int
    notes: str
    terms: str
    reference: str
    delivered_on: date | None
    due_on: date | None
    days_to_pay: int


@transaction.atomic
def create_invoice(
    *,
    owner: Company | Client,
    by: Staff | None,
    lines: Sequence[LineFields] = (),
    trail: Trail | None = None,
    **fields: Unpack[InvoiceFields],
) -> Invoice:
    """Write a draft for a company or a lone client.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    settings = InvoiceSettings.load()
    invoice = Invoice(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
        currency=default_currency(),
        days_to_pay=settings.days_to_pay,
        terms=settings.terms,
        made_by=by,
    )
    apply(invoice, fields)
    check_head(invoice)
    invoice.save()
    _write_lines(invoice, lines)
    record("invoices.drafted", invoice, by=by, summary=f"Wrote the {invoice}", **(trail or {}))
    return invoice


@transaction.atomic
def edit_invoice(
    invoice: Invoice,
    *,
    by: Staff | None,
    lines: Sequence[LineFields] | None = None,
    trail: Trail | None = None,
    **fields: Unpack[InvoiceFields],
) -> Invoice:
    """Change what is given of a draft; `lines` replaces all of them.

    Raises:
        NotValid: a value is refused; `field` says which.
        Issued: it has a number, so nothing of it changes.
    """
    held = hold_draft(invoice)
    before = held.gross_minor
    change = apply(held, fields)
    check_head(held)
    if lines is not None:
        held.lines.all().delete()
        _write_lines(held, lines)
    else:
        total(held, list(held.lines.all()))
        held.save()
    if held.gross_minor != before:
        change["gross_minor"] = [before, held.gross_minor]
        _rescale_plan(held)
    if change:
        record("invoices.edited", held, by=by, summary=f"Changed the {held}", change=change, **(trail or {}))
    return held


@transaction.atomic
def delete_draft(invoice: Invoice, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Throw a draft away; nobody outside has ever seen it.

    Raises:
        Issued: it has a number; void it, or write a credit note.
    """
    held = hold_draft(invoice)
    record("invoices.draft_deleted", held, by=by, summary=f"Deleted the {held}", **(trail or {}))
    held.delete()


@transaction.atomic
def copy_invoice(invoice: Invoice, *, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """A new draft with the same content, for the same owner."""
    names = ("title", "currency", "discount_percent", "discount_minor", "notes", "terms", "days_to_pay")
    copy = Invoice(company=invoice.company, client=invoice.client, private_to=invoice.private_to, made_by=by)
    for name in names:
        setattr(copy, name, getattr(invoice, name))
    copy.save()
    lines = list(invoice.lines.all())
    for line in lines:
        line.pk, line.invoice = None, copy
        line.save(force_insert=True)
    total(copy, lines)
    copy.save()
    record("invoices.drafted", copy, by=by, summary=f"Copied {invoice}", **(trail or {}))
    return copy


def total(invoice: Invoice, lines: Sequence[Line]) -> None:
    """Write what `lines` come to onto an unsaved draft.

    Raises:
        NotValid: less than nothing, or more than can be.
    """
    set_sums(invoice, invoice.sums_of(lines))


def set_sums(row: Invoice | Pattern, sums: Sums) -> None:
    """Write sums onto an unsaved draft or pattern.

    Raises:
        NotValid: less than nothing, or more than can be.
    """
    if sums.gross_minor < 0 or sums.net_minor < 0:
        raise NotValid("The discount is larger than the invoice.", field="discount_minor")
    if sums.gross_minor > LARGEST:
        raise NotValid("This amount is too large.")
    row.net_minor, row.tax_minor, row.gross_minor = sums.net_minor, sums.tax_minor, sums.gross_minor


def check_head(invoice: Invoice | Pattern) -> None:
    """What holds for the head of every draft and pattern.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    check_fields(invoice, [*InvoiceFields.__annotations__])
    try:
        exponent(invoice.currency)
    except ValueError:
        raise NotValid("Write a currency as three letters, e.g. EUR.", field="currency") from None
    if not 0 <= invoice.discount_percent <= 100:
        raise NotValid("A discount lies between 0 and 100 per cent.", field="discount_percent")
    if not 0 <= invoice.discount_minor <= LARGEST:
        raise NotValid("A discount cannot be negative.", field="discount_minor")
    if invoice.days_to_pay > 366:
        raise NotValid("Choose at most 366 days.", field="days_to_pay")


def _write_lines(invoice: Invoice, fields: Sequence[LineFields]) -> None:
    if len(fields) > MOST_LINES:
        raise NotValid(f"An invoice holds at most {MOST_LINES} lines.")
    lines = [Line(invoice=invoice, position=place) for place in range(len(fields))]
    for line, given in zip(lines, fields, strict=True):
        fill_line(line, given)
    total(invoice, lines)
    invoice.__dict__.pop("sums", None)
    invoice.save()
    Line.objects.bulk_create(lines)


def fill_line(line: Line | PatternLine, given: LineFields) -> None:
    """Write what is given onto an unsaved line.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    rate = given.get("tax")
    line.description = storable(given.get("description", "").strip(), "description")
    line.quantity = given.get("quantity", Decimal(1))
    line.unit = storable(given.get("unit", "").strip(), "unit")
    line.unit_minor = given.get("unit_minor", 0)
    line.discount_percent = given.get("discount_percent", Decimal(0))
    line.tax_included = given.get("tax_included", False)
    if rate is not None:
        line.tax_name, line.tax_percent, line.tax_category = rate.name, rate.percent, rate.category
    names: list[str] = ["description", "quantity", "unit", "unit_minor", "discount_percent"]
    check_fields(line, names)
    if abs(line.unit_minor) > LARGEST or abs(line.quantity * line.unit_minor) > LARGEST:
        raise NotValid("This amount is too large.", field="unit_minor")
    if not 0 <= line.discount_percent <= 100:
        raise NotValid("A discount lies between 0 and 100 per cent.", field="discount_percent")


def _rescale_plan(invoice: Invoice) -> None:
    """A plan follows its draft's total, in the same proportions; what comes to nothing falls away."""
    parts = list(invoice.instalments.all())
    amounts = spread(invoice.gross_minor, [part.minor for part in parts])
    gone: list[Any] = []
    for part, minor in zip(parts, amounts, strict=True):
        part.minor = minor
        if minor > 0:
            part.save(update_fields=["minor"])
        else:
            gone.append(part.pk)
    Instalment.objects.filter(pk__in=gone).delete()


__all__ = [
    "InvoiceFields",
    "LineFields",
    "State",
    "check_head",
    "copy_invoice",
    "create_invoice",
    "delete_draft",
    "edit_invoice",
    "fill_line",
    "set_sums",
]

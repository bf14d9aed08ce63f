"""Ends other than payment: void, credit, write off; and what is added: late fees."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from kit import clock
from kit.money import format_money
from kit.refused import NotValid, WrongState
from modules.invoices import emails
from modules.invoices.models import CreditNote, Invoice, Series, State
from modules.invoices.models.arithmetic import spread, whole
from modules.invoices.operations.checks import amount_of, hold_issued, reason_of
from modules.invoices.operations.ledger import book, recompute_now
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.payments.models import EntryKind
from portal.people.models import Staff


@transaction.atomic
def void(invoice: Invoice, *, reason: str, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """Declare an unpaid invoice void; its number stays taken. Twice is as good as once.

    Raises:
        NotIssued: a draft is deleted instead.
        WrongState: money or a credit note is on it; a credit note is the way then.
        NotValid: no reason.
    """
    held = hold_issued(invoice)
    if held.state == State.VOID:
        return held
    if held.kept_minor or held.credited_minor or held.is_processing:
        raise WrongState("Something was paid or credited already. Write a credit note instead.")
    held.void_reason, held.voided_at = reason_of(reason), clock.now()
    recompute_now(held)
    summary = f"Voided invoice {held}: {held.void_reason}"
    record("invoices.voided", held, by=by, summary=summary, **(trail or {}))
    publish("invoices.voided", invoice_id=held.pk)
    emails.tell_void(held)
    return held


@transaction.atomic
def credit(
    invoice: Invoice, *, minor: int, reason: str, by: Staff | None, trail: Trail | None = None
) -> CreditNote:
    """Take back all or part of an issued invoice with a credit note of its own number.

    The tax goes back in the proportions in which it was charged. What was paid beyond the rest shows as
    paid too much, to be refunded.

    Raises:
        NotIssued: a draft is edited instead.
        WrongState: the invoice is void.
        NotValid: no reason, or more than is left of the invoice.
    """
    held = hold_issued(invoice)
    if held.state == State.VOID:
        raise WrongState("This invoice is void already.")
    amount_of(minor)
    left = held.gross_minor - held.credited_minor
    if minor > left:
        raise NotValid(
            f"At most {format_money(left, held.currency)} of this invoice can be credited.", field="minor"
        )
    taxes = _taxes_back(held, minor)
    net = sum(tax["base_minor"] for tax in taxes)
    today = current_agency().today()
    _, number = Series.of(Series.Kind.CREDIT_NOTE).take(today.year)
    note = CreditNote.objects.create(
        invoice=held,
        number=number,
        reason=reason_of(reason),
        issued_on=today,
        net_minor=net,
        tax_minor=minor - net,
        gross_minor=minor,
        taxes=taxes,
        seller=held.seller,
        buyer=held.buyer,
        made_by=by,
    )
    book(held, EntryKind.CREDIT, minor, note=f"Credit note {number}", staff=by, ref=f"credit_note:{note.pk}")
    summary = f"Credited {format_money(minor, held.currency)} of {held} with {number}: {note.reason}"
    record("invoices.credited", held, by=by, summary=summary, **(trail or {}))
    publish("invoices.credited", invoice_id=held.pk, credit_note_id=note.pk)
    emails.tell_credited(note)
    return note


@transaction.atomic
def write_off(invoice: Invoice, *, reason: str, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """Give up what is open. The client is not told; should money come after all, it counts as paid.

    Raises:
        WrongState: nothing is open.
        NotValid: no reason.
    """
    held = hold_issued(invoice)
    if not held.is_open:
        raise WrongState("Nothing is open on this invoice.")
    words = reason_of(reason)
    book(held, EntryKind.WRITE_OFF, held.due_minor, note=words, staff=by)
    record("invoices.written_off", held, by=by, summary=f"Wrote {held} off: {words}", **(trail or {}))
    return held


@transaction.atomic
def add_late_fee(invoice: Invoice, *, minor: int, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """Add a fee for being late, as its own line beside the invoice.

    Raises:
        WrongState: it is not overdue.
        NotValid: not an amount.
    """
    held = hold_issued(invoice)
    if not held.is_overdue:
        raise WrongState("This invoice is not overdue.")
    book(held, EntryKind.LATE_FEE, -amount_of(minor), note="Late fee", staff=by)
    summary = f"Added a late fee of {format_money(minor, held.currency)} to {held}"
    record("invoices.late_fee_added", held, by=by, summary=summary, **(trail or {}))
    return held


@transaction.atomic
def waive_late_fee(invoice: Invoice, *, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """Take all late fees back, by an entry against them.

    Raises:
        WrongState: there is none.
    """
    held = hold_issued(invoice)
    if held.fee_minor <= 0:
        raise WrongState("There is no late fee on this invoice.")
    book(held, EntryKind.LATE_FEE, held.fee_minor, note="Late fee waived", staff=by)
    record("invoices.late_fee_waived", held, by=by, summary=f"Waived the late fee of {held}", **(trail or {}))
    return held


def _taxes_back(held: Invoice, minor: int) -> list[dict[str, Any]]:
    """How a gross amount falls on the invoice's rates; the last credit of an invoice takes the exact rest."""
    taxes = held.sums.taxes
    before: dict[tuple[str, str, str], tuple[int, int]] = {}
    for note in held.credit_notes.all():
        for tax in note.taxes:
            key = (tax["percent"], tax["name"], tax["category"])
            base, amount = before.get(key, (0, 0))
            before[key] = (base + tax["base_minor"], amount + tax["tax_minor"])
    keys = [(str(one.tax.percent), one.tax.name, one.tax.category) for one in taxes]
    left = [
        (one.base_minor - before.get(key, (0, 0))[0], one.tax_minor - before.get(key, (0, 0))[1])
        for one, key in zip(taxes, keys, strict=True)
    ]
    weights = [amount for pair in left for amount in pair]
    parts = spread(minor, weights) if sum(weights) != minor else weights
    return [
        {"percent": key[0], "name": key[1], "category": key[2]}
        | {"base_minor": parts[2 * place], "tax_minor": parts[2 * place + 1]}
        for place, key in enumerate(keys)
    ]


def fee_of(*, due_minor: int, percent: Decimal, flat_minor: int, most_minor: int) -> int:
    """A late fee: a flat amount, plus a share of what is open up to a cap (0: no cap)."""
    share = whole(Decimal(due_minor) * percent / 100)
    return flat_minor + (min(share, most_minor) if most_minor else share)

"""The one place where invoices meet the ledger: entries in, standing out, always under the row's lock."""

from datetime import date
from typing import Any

from django.db import transaction

from kit import clock
from modules.invoices import emails
from modules.invoices.models import INSIDE, Instalment, Invoice, State
from modules.invoices.models.invoices import fill_in_order
from modules.invoices.models.standing import Standing, standing_of, sums_by_kind
from modules.invoices.operations import accounts
from modules.invoices.operations.checks import hold
from portal.events import publish
from portal.payments import operations as payments
from portal.payments.models import EntryKind, LedgerEntry, Payment, PaymentState
from portal.people.models import Client, Staff


def book(
    invoice: Invoice,
    kind: EntryKind,
    minor: int,
    *,
    note: str,
    staff: Staff | None = None,
    client: Client | None = None,
    ref: str = "",
) -> LedgerEntry:
    """Append an entry of ours (credit, write_off, late_fee) to a held invoice, which is recomputed by it."""
    entry = payments.book(
        kind,
        payable=invoice.payable,
        minor=minor,
        currency=invoice.currency,
        client=client,
        staff=staff,
        note=note,
        ref=ref,
    )
    invoice.refresh_from_db()
    return entry


@transaction.atomic
def recompute(invoice: Invoice) -> None:
    """Hold the invoice and read its ledger anew."""
    held = hold(invoice)
    if held.state not in INSIDE:
        recompute_now(held)


def recompute_now(held: Invoice, entries: list[LedgerEntry] | None = None) -> None:
    """Read a held invoice's standing from its entries, write it, and tell what that means.

    Idempotent: the same entries in any order leave the same row, and only a change is told.
    """
    if entries is None:
        entries = list(LedgerEntry.objects.filter(payable=held.payable).order_by("pk"))
    ours = [entry for entry in entries if entry.currency == held.currency]
    sums = sums_by_kind((entry.kind, entry.minor) for entry in ours)
    standing = standing_of(gross_minor=held.gross_minor, is_void=held.voided_at is not None, sums=sums)
    before = (State(held.state), held.kept_minor + held.refunded_minor, held.is_disputed)
    _write(held, standing)
    accounts.follow(held, ours)
    _tell(held, before, ours)


def _write(held: Invoice, standing: Standing) -> None:
    held.state = standing.state
    held.kept_minor, held.due_minor, held.over_minor = (
        standing.kept_minor,
        standing.due_minor,
        standing.over_minor,
    )
    held.fee_minor, held.credited_minor, held.refunded_minor = (
        standing.fee_minor,
        standing.credited_minor,
        standing.refunded_minor,
    )
    held.is_disputed = standing.is_disputed
    held.is_processing = Payment.objects.filter(payable=held.payable, state=PaymentState.PROCESSING).exists()
    if standing.state == State.PAID:
        held.paid_at = held.paid_at or clock.now()
    else:
        held.paid_at = None
    held.next_due_on = _next_due(held, standing)
    held.save()


def _next_due(held: Invoice, standing: Standing) -> date | None:
    """Fill the instalments and find the first day on which something is still to be paid."""
    parts = list(held.instalments.all())
    # A credit note lessens the plan from its end: what is due first stays due first.
    fill_in_order(parts, standing.kept_minor)
    for part in parts:
        part.save(update_fields=["paid_minor", "state"])
    if standing.due_minor <= 0:
        return None
    days = [part.due_on for part in parts if part.state == Instalment.State.OPEN and part.due_on]
    return min(days) if days else held.due_on


def _tell(held: Invoice, before: tuple[State, int, bool], entries: list[LedgerEntry]) -> None:
    state, received, was_disputed = before
    if held.state == State.PAID and state != State.PAID:
        publish("invoices.paid", invoice_id=held.pk)
    more = held.kept_minor + held.refunded_minor - received
    if more > 0:
        payer: Any = next(
            (entry.client for entry in reversed(entries) if entry.client and entry.minor > 0), None
        )
        emails.tell_received(held, more, payer)
    if held.over_minor > 0 and more > 0:
        emails.tell_overpaid(held)
    if held.is_disputed and not was_disputed:
        emails.tell_disputed(held)

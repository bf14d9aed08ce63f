"""Movements of accounts as bookings: what was billed by tax rate, what was paid, what was let go."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from modules.invoices.models import CreditNote, Invoice, Movement
from modules.invoices.models.books import BookSettings
from modules.invoices.queries.datev import Booking
from modules.invoices.queries.statements import WORDS
from portal.payments.models import EntryKind, LedgerEntry

AT_ONCE = 500
CARDS = (
    EntryKind.CHARGE, EntryKind.REFUND, EntryKind.REFUND_FAILED, EntryKind.DISPUTE, EntryKind.DISPUTE_WON,
)  # fmt: skip
AGAINST: dict[str, str] = {
    **dict.fromkeys(CARDS, "cards"),
    EntryKind.TRANSFER: "bank",
    EntryKind.ADJUSTMENT: "bank",
    EntryKind.LATE_FEE: "fees",
    EntryKind.WRITE_OFF: "losses",
}


def movements_between(from_on: date, to_on: date, currency: str) -> Any:
    """All movements of one currency on these days."""
    return Movement.objects.filter(day__range=(from_on, to_on), currency=currency)


def bookings(settings: BookSettings, from_on: date, to_on: date, currency: str) -> Iterator[list[Booking]]:
    """All bookings of these days in one currency, some at a time, in the order in which they were written."""
    last = 0
    while True:
        found = movements_between(from_on, to_on, currency).filter(pk__gt=last).order_by("pk")
        related = found.select_related("invoice__company", "invoice__client", "entry")
        rows = list(related.prefetch_related("invoice__lines")[:AT_ONCE])
        if not rows:
            return
        last = rows[-1].pk
        notes = _credit_notes(rows)
        yield [booking for row in rows for booking in _of(row, notes, settings) if booking.minor]


def _of(row: Movement, notes: dict[int, CreditNote], settings: BookSettings) -> Iterator[Booking]:
    invoice, debtors = row.invoice, str(settings.accounts.get("debtors", ""))
    number, words = invoice.number or "", f"{invoice.owner} {invoice.title}"
    if row.entry is not None and row.entry.kind == EntryKind.CREDIT:
        note = notes[_note_of(row.entry)]
        for tax in note.taxes:
            account = settings.revenue_of(tax["percent"], tax["category"])
            minor = -(tax["base_minor"] + tax["tax_minor"])
            yield Booking(minor, debtors, account, row.day, note.number, f"Gutschrift zu {number} {words}")
    elif row.entry is not None:
        against = str(settings.accounts.get(AGAINST[row.entry.kind], ""))
        said = f"{WORDS[EntryKind(row.entry.kind)]} {words}"
        yield Booking(row.minor, debtors, against, row.day, number, said)
    elif row.kind == Movement.Kind.BILLED:
        yield from _by_rate(invoice, 1, row.day, settings, words)
    else:
        yield from _let_go(row, settings, words)


def _let_go(row: Movement, settings: BookSettings, words: str) -> Iterator[Booking]:
    """A void invoice is booked back by rate; its late fees, or what was given back, are a loss."""
    invoice, rest = row.invoice, row.minor
    if invoice.voided_at is not None and rest <= -invoice.gross_minor:
        yield from _by_rate(invoice, -1, row.day, settings, f"Storno {words}")
        rest += invoice.gross_minor
    debtors, losses = (str(settings.accounts.get(name, "")) for name in ("debtors", "losses"))
    yield Booking(rest, debtors, losses, row.day, invoice.number or "", words)


def _by_rate(invoice: Invoice, sign: int, day: date, settings: BookSettings, words: str) -> Iterator[Booking]:
    debtors = str(settings.accounts.get("debtors", ""))
    for one in invoice.sums.taxes:
        account = settings.revenue_of(str(one.tax.percent), one.tax.category)
        minor = sign * (one.base_minor + one.tax_minor)
        yield Booking(minor, debtors, account, day, invoice.number or "", words)


def _credit_notes(rows: list[Movement]) -> dict[int, CreditNote]:
    wanted = [_note_of(row.entry) for row in rows if row.entry and row.entry.kind == EntryKind.CREDIT]
    return CreditNote.objects.in_bulk(wanted) if wanted else {}


def _note_of(entry: LedgerEntry) -> int:
    """Credit notes book themselves as "credit:credit_note:7"."""
    return int(entry.ref.rpartition(":")[2])

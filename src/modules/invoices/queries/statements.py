"""An account of one owner over some days: what was billed, what was paid, what was open before and after."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Sum, Value
from django.db.models.functions import Cast, Concat

from modules.invoices.models import INSIDE, Invoice
from portal.payments.models import EntryKind, LedgerEntry

MOST_ROWS = 1000
WORDS = {
    EntryKind.CHARGE: "Card payment",
    EntryKind.TRANSFER: "Transfer",
    EntryKind.REFUND: "Refund",
    EntryKind.REFUND_FAILED: "Refund came back",
    EntryKind.DISPUTE: "Disputed payment",
    EntryKind.DISPUTE_WON: "Dispute won",
    EntryKind.CREDIT: "Credit note",
    EntryKind.WRITE_OFF: "Written off",
    EntryKind.LATE_FEE: "Late fee",
    EntryKind.ADJUSTMENT: "Adjustment",
}


@dataclass(frozen=True)
class StatementLine:
    """One movement; `minor` positive when more is owed. `who` paid, where somebody did."""

    on: date
    words: str
    number: str
    minor: int
    balance_minor: int
    who: str = ""


@dataclass(frozen=True)
class Statement:
    """All movements of one currency between two days."""

    currency: str
    from_on: date
    to_on: date
    opening_minor: int
    lines: tuple[StatementLine, ...]
    closing_minor: int
    is_cut: bool


def statement_of(invoices: Any, *, currency: str, from_on: date, to_on: date, zone: Any) -> Statement:
    """The statement of an owner's invoices (a queryset) in one currency.

    Voided invoices count on neither side. At most 1,000 movements; `is_cut` says that there were more.
    """
    ours = invoices.filter(currency=currency, voided_at__isnull=True).exclude(state__in=INSIDE).order_by()
    keys = ours.annotate(
        key=Concat(Value("invoices.invoice:"), Cast("pk", CharField()), output_field=CharField())
    )
    entries = LedgerEntry.objects.filter(payable__in=keys.values("key"), currency=currency).exclude(
        kind=EntryKind.FEE
    )
    start = _midnight(from_on, zone)
    billed = ours.filter(issued_on__lt=from_on).aggregate(sum=Sum("gross_minor"))["sum"] or 0
    settled = entries.filter(happened_at__lt=start).aggregate(sum=Sum("minor"))["sum"] or 0
    moves = _moves(ours, entries, from_on, to_on, zone)
    balance = opening = billed - settled
    lines = []
    for on, words, number, minor, who in moves[:MOST_ROWS]:
        balance += minor
        lines.append(StatementLine(on, words, number, minor, balance, who))
    return Statement(currency, from_on, to_on, opening, tuple(lines), balance, len(moves) > MOST_ROWS)


def currencies_of(invoices: Any) -> list[str]:
    """The currencies in which somebody was billed."""
    return list(invoices.order_by("currency").values_list("currency", flat=True).distinct())


def _moves(
    ours: Any, entries: Any, from_on: date, to_on: date, zone: Any
) -> list[tuple[date, str, str, int, str]]:
    numbers: dict[str, str] = {}
    moves: list[tuple[date, int, str, str, int, str]] = []
    billed = ours.filter(issued_on__range=(from_on, to_on)).order_by("issued_on", "pk")
    for invoice in billed[: MOST_ROWS + 1]:
        moves.append((invoice.issued_on, 0, invoice.title, invoice.number, invoice.gross_minor, ""))
    until = _midnight(date.fromordinal(to_on.toordinal() + 1), zone)
    within = entries.filter(happened_at__gte=_midnight(from_on, zone), happened_at__lt=until)
    found = list(within.select_related("client").order_by("happened_at", "pk")[: MOST_ROWS + 1])
    for pk, number in Invoice.objects.filter(
        pk__in={int(entry.payable.rpartition(":")[2]) for entry in found}
    ).values_list("pk", "number"):
        numbers[f"invoices.invoice:{pk}"] = number
    for entry in found:
        on = entry.happened_at.astimezone(zone).date()
        words = WORDS.get(EntryKind(entry.kind), str(entry.kind))
        who = entry.client.shown_name if entry.client else ""
        moves.append((on, 1, words, numbers.get(entry.payable, ""), -entry.minor, who))
    moves.sort(key=lambda move: move[:2])
    return [(on, words, number, minor, who) for on, _, words, number, minor, who in moves]


def _midnight(day: date, zone: Any) -> Any:
    return datetime(day.year, day.month, day.day, tzinfo=zone)

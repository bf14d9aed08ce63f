"""An account of one owner over some days: what was billed, what was paid, what was open before and after.

Balances come from sums by day, rows from an index by owner and day: a page costs the same after a hundred
thousand movements as after ten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from kit.paging import day_cursor, read_day_cursor
from modules.invoices.models import InvoiceSum, Movement
from portal.payments.models import EntryKind

PER_PAGE = 50
MOST_ON_PAPER = 1000
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
    invoice_id: int = 0


@dataclass(frozen=True)
class Statement:
    """One page of the movements of one currency between two days.

    `opening_minor` is what was open before the first line of this page, `closing_minor` after its last;
    `end_minor` what is open at the end of the last day, whatever page this is.
    """

    currency: str
    from_on: date
    to_on: date
    opening_minor: int
    lines: tuple[StatementLine, ...]
    closing_minor: int
    end_minor: int
    next_cursor: str | None = None
    is_later: bool = False

    @property
    def is_cut(self) -> bool:
        """There are more movements than this page shows."""
        return self.next_cursor is not None


def statement_of(
    whose: Sequence[str],
    *,
    currency: str,
    from_on: date,
    to_on: date,
    cursor: str | None = None,
    size: int = PER_PAGE,
) -> Statement:
    """A page of the statement of some owners, the earliest movements first.

    Args:
        whose: the owners' words, e.g. "company-3".

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    after = read_day_cursor(cursor) if cursor else None
    rows = _rows(whose, currency, from_on, to_on, after, size + 1)
    more, rows = len(rows) > size, rows[:size]
    balance = opening = _before(whose, currency, from_on, after)
    lines = []
    for row in rows:
        balance += row.minor
        who = row.entry.client.shown_name if row.entry and row.entry.client else ""
        lines.append(
            StatementLine(
                row.day, _words(row), row.invoice.number or "", row.minor, balance, who, row.invoice_id
            )
        )
    end = _until(whose, currency, date.fromordinal(to_on.toordinal() + 1)) if to_on < date.max else balance
    following = day_cursor(rows[-1].day, rows[-1].pk) if more else None
    return Statement(
        currency, from_on, to_on, opening, tuple(lines), balance, end, following, after is not None
    )


def currencies_of(whose: Sequence[str]) -> list[str]:
    """The currencies in which somebody was billed."""
    kept = InvoiceSum.objects.filter(what="moved", whose__in=whose)
    return list(kept.order_by("currency").values_list("currency", flat=True).distinct())


def _rows(
    whose: Iterable[str], currency: str, from_on: date, to_on: date, after: tuple[date, int] | None, most: int
) -> list[Movement]:
    """Owner by owner, because that is how the index is ordered; a client acts for few."""
    begin = max(from_on, after[0]) if after else from_on
    found: list[Movement] = []
    for word in whose:
        kept = Movement.objects.filter(whose=word, currency=currency, day__gte=begin, day__lte=to_on)
        if after:
            kept = kept.exclude(day=after[0], pk__lte=after[1])
        rows = kept.select_related("invoice", "entry__client").order_by("day", "pk")
        found += rows[:most]
    return sorted(found, key=lambda row: (row.day, row.pk))[:most]


def _before(whose: Sequence[str], currency: str, from_on: date, after: tuple[date, int] | None) -> int:
    """What was open before the page's first line."""
    if after is None or after[0] < from_on:
        return _until(whose, currency, from_on)
    day, key = after
    same_day = Movement.objects.filter(whose__in=whose, currency=currency, day=day, pk__lte=key)
    return _until(whose, currency, day) + (same_day.aggregate(sum=Sum("minor"))["sum"] or 0)


def _until(whose: Sequence[str], currency: str, day: date) -> int:
    kept = InvoiceSum.objects.filter(what="moved", whose__in=whose, currency=currency, day__lt=day)
    return kept.aggregate(sum=Sum("minor"))["sum"] or 0


def _words(row: Movement) -> str:
    if row.kind == Movement.Kind.BILLED:
        return row.invoice.title
    if row.entry is not None:
        return WORDS.get(EntryKind(row.entry.kind), str(row.entry.kind))
    return "Void" if row.invoice.voided_at else "Not to be paid any more"

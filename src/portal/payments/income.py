"""Money that came, by month of the agency's calendar, from sums that are kept by day of UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, Q, Sum, Value, When
from django.utils.formats import date_format

from kit.money import format_money
from portal.payments.models import EntryKind, LedgerEntry, MoneySum
from portal.payments.sums import Sums, recounts
from ui.charts import Columns, columns

# What is money, in either direction. Credits, fees and what is written off move none.
MONEY = (
    EntryKind.CHARGE, EntryKind.TRANSFER, EntryKind.REFUND, EntryKind.REFUND_FAILED, EntryKind.DISPUTE,
    EntryKind.DISPUTE_WON,
)  # fmt: skip
# The SELECT of the trigger in migration "keep sums"; a new one there is a new one here.
LEDGER = (
    "SELECT r.kind, split_part(r.payable, ':', 1), r.currency, (r.happened_at AT TIME ZONE 'UTC')::date,"
    " r.minor, 1 FROM ROWS r"
)
SUMS = Sums(MoneySum, (("payments_ledgerentry", LEDGER),))


@recounts("ledger")
def recount(is_mended: bool) -> list[str]:
    """What differs between the kept sums and the ledger."""
    return [str(one) for one in (SUMS.mend() if is_mended else SUMS.drift())]


@dataclass(frozen=True)
class Month:
    """What came in one month, less what went back; `begins_on` is its first day."""

    begins_on: date
    minor: int


def by_month(*, today: date, zone: ZoneInfo, months: int = 12, sold: str = "") -> dict[str, list[Month]]:
    """The last months by currency, the current one last; each currency has all months.

    Args:
        sold: only money for one kind of thing, e.g. "invoices.invoice".
    """
    first_days = _first_days(today, months)
    bounds = [_Bound(datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC)) for day in first_days]
    found: dict[str, list[int]] = {}
    for currency, day, minor in _whole_days(bounds, sold):
        place = max(n for n, bound in enumerate(bounds) if bound.midnight.date() <= day)
        found.setdefault(currency, [0] * len(bounds))[place] += minor
    for currency, place, minor in _edges(bounds, sold):
        sums = found.setdefault(currency, [0] * len(bounds))
        moved = minor if bounds[place].moment < bounds[place].midnight else -minor
        sums[place] += moved
        if place:
            sums[place - 1] -= moved
    # The last bound is where the next month begins.
    return {
        currency: [Month(day, minor) for day, minor in zip(first_days[:-1], sums[:-1], strict=True)]
        for currency, sums in sorted(found.items())
    }


@dataclass(frozen=True)
class MonthChart:
    """The months of one currency, the newest first for a table, and laid out as columns."""

    currency: str
    months: tuple[Month, ...]
    columns: Columns
    minor: int


def charts(*, today: date, zone: ZoneInfo, sold: str = "") -> list[MonthChart]:
    """A chart for each currency in which something moved within twelve months."""
    found = by_month(today=today, zone=zone, sold=sold)
    return [
        MonthChart(
            currency,
            tuple(months[::-1]),
            columns([_point(month, currency) for month in months]),
            sum(month.minor for month in months),
        )
        for currency, months in found.items()
        if any(month.minor for month in months)
    ]


def this_month(*, today: date, zone: ZoneInfo, sold: str = "") -> dict[str, int]:
    """What came in this month by currency."""
    return {
        currency: found[-1].minor
        for currency, found in by_month(today=today, zone=zone, months=1, sold=sold).items()
    }


def _point(month: Month, currency: str) -> tuple[str, str, int]:
    words = f"{date_format(month.begins_on, 'F Y')}: {format_money(month.minor, currency)}"
    return date_format(month.begins_on, "M"), words, month.minor


def _first_days(today: date, months: int) -> list[date]:
    """The first days of the last `months` months and of the next one."""
    number = today.year * 12 + today.month - months
    return [date((number + n) // 12, (number + n) % 12 + 1, 1) for n in range(months + 1)]


@dataclass(frozen=True)
class _Bound:
    """Where a month begins, and the nearest midnight of UTC: what lies between is read from the ledger."""

    moment: datetime

    @property
    def midnight(self) -> datetime:
        return (self.moment + timedelta(hours=12)).replace(hour=0, minute=0, second=0)

    @property
    def between(self) -> Q:
        first, last = sorted([self.moment, self.midnight])
        return Q(happened_at__gte=first, happened_at__lt=last)


def _whole_days(bounds: list[_Bound], sold: str) -> Iterable[tuple[str, date, int]]:
    begin, end = bounds[0].midnight.date(), bounds[-1].midnight.date()
    found = MoneySum.objects.filter(what__in=MONEY, day__gte=begin, day__lt=end, **_whose(sold))
    return found.values_list("currency", "day").annotate(Sum("minor")).order_by()


def _edges(bounds: list[_Bound], sold: str) -> Iterable[tuple[str, int, int]]:
    """What moved between each bound and its midnight: currency, number of the bound, amount."""
    edges = [(n, bound.between) for n, bound in enumerate(bounds) if bound.moment != bound.midnight]
    if not edges:
        return []
    found = LedgerEntry.objects.filter(reduce(or_, (part for _, part in edges)), kind__in=MONEY)
    if sold:
        found = found.filter(payable__startswith=f"{sold}:")
    place = Case(*(When(part, then=Value(n)) for n, part in edges), output_field=IntegerField())
    return found.annotate(place=place).values_list("currency", "place").annotate(Sum("minor")).order_by()


def _whose(sold: str) -> dict[str, str]:
    return {"whose": sold} if sold else {}

"""What invoices come to, from sums that are kept: as fast with a hundred thousand as with ten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, Count, Q, QuerySet, Sum, Value, When

from modules.invoices.models import Invoice, InvoiceSum
from modules.invoices.models.invoices import word_of
from portal.agency import current_agency
from portal.payments import income
from portal.people.models import Client, Company

AGENCY = ""
SOLD = "invoices.invoice"
# How long overdue, and up to how many days; not due yet and over ninety days have no such number.
AGES = {"not_due": None, "to_30": 30, "to_60": 60, "to_90": 90, "older": None}
AGE_WORDS = {
    "not_due": "Not due yet",
    "to_30": "1–30 days late",
    "to_60": "31–60 days late",
    "to_90": "61–90 days late",
    "older": "Over 90 days late",
}


@dataclass
class Totals:
    """What is open in one currency, by age; what is written and not sent; what came in this month."""

    currency: str
    open_minor: int = 0
    count: int = 0
    overdue_minor: int = 0
    overdue_count: int = 0
    draft_minor: int = 0
    draft_count: int = 0
    paid_minor: int = 0
    ages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))
    age_counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))

    @property
    def rows(self) -> list[tuple[str, str, int, int]]:
        """Key, short words, amount and number of each age."""
        return [
            (age, AGE_WORDS[age].removesuffix(" late"), self.ages[age], self.age_counts[age]) for age in AGES
        ]


def of_agency(today: date) -> list[Totals]:
    """All of the agency, what is most open first; three questions."""
    found = _totals(_kept([AGENCY], today))
    zone = current_agency().tzinfo
    for currency, minor in income.this_month(today=today, zone=zone, sold=SOLD).items():
        found.setdefault(currency, Totals(currency)).paid_minor = minor
    return _sorted(found)


def of_seen(whole: Sequence[str], rest: Sequence[Q], today: date) -> list[Totals]:
    """What somebody sees to be open: one question for owners seen as a whole, one for all others.

    Args:
        whole: the words of owners whose kept sums may be known.
        rest: conditions of invoices of other owners.
    """
    rows = list(_kept(whole, today))
    if rest:
        rows += _counted(reduce(or_, rest), today)
    return _sorted(_totals(rows))


def of_owner(owner: Company | Client, today: date) -> list[Totals]:
    """What one owner owes."""
    return _sorted(_totals(_kept([word_of(owner)], today)))


def due_within(age: str, today: date) -> Q:
    """Open invoices of one age, by the day on which the next payment was due."""
    if age == "not_due":
        return Q(next_due_on__gte=today)
    if age == "older":
        return Q(next_due_on__lt=today - timedelta(days=90))
    most = AGES[age] or 30
    return Q(next_due_on__gte=today - timedelta(days=most), next_due_on__lt=today - timedelta(days=most - 30))


def _kept(whose: Sequence[str], today: date) -> QuerySet[Any, dict[str, Any]]:
    found: QuerySet[Any, Any] = (
        InvoiceSum.objects.filter(what__in=["open", "draft"], whose__in=whose)
        .order_by()
        .values("what", "currency", age=_age(today, "day"))
        .annotate(sum=Sum("minor"), number=Sum("count"))
    )
    return found


def _counted(seen: Q, today: date) -> QuerySet[Any, dict[str, Any]]:
    found = Invoice.objects.open().filter(seen).order_by()
    rows: QuerySet[Any, Any] = found.values(
        "currency", what=Value("open"), age=_age(today, "next_due_on")
    ).annotate(sum=Sum("due_minor"), number=Count("pk"))
    return rows


def _age(today: date, day: str) -> Case:
    late = [
        When(**{f"{day}__gte": today}, then=Value("not_due")),
        *(
            When(**{f"{day}__gte": today - timedelta(days=days)}, then=Value(age))
            for age, days in AGES.items()
            if days is not None
        ),
    ]
    return Case(*late, default=Value("older"), output_field=CharField())


def _totals(rows: Iterable[dict[str, Any]]) -> dict[str, Totals]:
    found: dict[str, Totals] = {}
    for row in rows:
        if not row["number"]:
            continue
        one = found.setdefault(row["currency"], Totals(row["currency"]))
        if row["what"] == "draft":
            one.draft_minor, one.draft_count = row["sum"], row["number"]
            continue
        one.ages[row["age"]], one.age_counts[row["age"]] = row["sum"], row["number"]
        one.open_minor += row["sum"]
        one.count += row["number"]
        if row["age"] != "not_due":
            one.overdue_minor += row["sum"]
            one.overdue_count += row["number"]
    return found


def _sorted(found: dict[str, Totals]) -> list[Totals]:
    return sorted(found.values(), key=lambda one: (-one.open_minor, -one.paid_minor, one.currency))

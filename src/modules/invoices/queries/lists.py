"""Invoices in rows, and what they come to: for the console's list, the client's list and the dashboard."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When

from modules.invoices.models import INSIDE, Invoice, State, TransferReport
from portal.people.models import Client, Company

FILTERS = {
    "": "All",
    "draft": "Drafts",
    "open": "Open",
    "overdue": "Overdue",
    "paid": "Paid",
    "reported": "“I have paid”",
    "other": "Void, credited, refunded",
}
CLIENT_FILTERS = {"": "All", "open": "To pay", "paid": "Paid"}
CLOSED = (State.VOID, State.CREDITED, State.REFUNDED, State.PARTLY_REFUNDED, State.UNCOLLECTIBLE)
TONES = {
    State.ISSUED: "accent",
    State.PARTLY_PAID: "notice",
    State.PAID: "positive",
    State.SCHEDULED: "notice",
}
AGES = ("not_due", "to_30", "to_60", "to_90", "older")
AGE_WORDS = {
    "not_due": "Not due yet",
    "to_30": "1–30 days late",
    "to_60": "31–60 days",
    "to_90": "61–90 days",
    "older": "Over 90 days",
}


@dataclass
class Totals:
    """What is open in one currency, by age."""

    currency: str
    open_minor: int = 0
    overdue_minor: int = 0
    count: int = 0
    paid_minor: int = 0
    ages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Words, amount, and its share of what is open in per cent."""
        whole = self.open_minor or 1
        return [(AGE_WORDS[age], minor, round(100 * minor / whole)) for age, minor in self.ages.items()]


def for_staff(
    *, words: str = "", shown: str = "", owner: Company | Client | None = None, today: date
) -> QuerySet[Any]:
    """The console's list, filtered; ordered by page_by_id, newest first."""
    found: QuerySet[Any] = _filtered(Invoice.objects.all(), shown, today).select_related("company", "client")
    if isinstance(owner, Company):
        found = found.filter(company=owner)
    elif owner is not None:
        found = found.filter(client=owner)
    if words:
        found = found.filter(
            Q(number__icontains=words)
            | Q(title__icontains=words)
            | Q(company__name__icontains=words)
            | Q(client__name__icontains=words)
        )
    return found


def for_client(client: Client, *, shown: str = "", today: date) -> QuerySet[Any]:
    """What this client sees, filtered."""
    mine = Invoice.objects.visible_to(client).select_related("company", "client")
    found: QuerySet[Any] = _filtered(mine, shown, today)
    return found


def _filtered(found: Any, shown: str, today: date) -> Any:
    if shown == "draft":
        return found.filter(state__in=INSIDE)
    if shown == "open":
        return found.open()
    if shown == "overdue":
        return found.overdue(today)
    if shown == "paid":
        return found.filter(state=State.PAID)
    if shown == "reported":
        waiting = TransferReport.objects.filter(state=TransferReport.State.WAITING)
        return found.filter(pk__in=waiting.values("invoice_id"))
    return found.filter(state__in=CLOSED) if shown == "other" else found


def totals(invoices: Any, today: date) -> list[Totals]:
    """What is open of these invoices by currency and age, and what came in in the last 30 days."""
    late = [
        When(next_due_on__gte=today, then=Value("not_due")),
        When(next_due_on__gte=today - timedelta(days=30), then=Value("to_30")),
        When(next_due_on__gte=today - timedelta(days=60), then=Value("to_60")),
        When(next_due_on__gte=today - timedelta(days=90), then=Value("to_90")),
    ]
    age = Case(*late, default=Value("older"), output_field=CharField())
    rows = (
        invoices.open()
        .annotate(age=age)
        .order_by()
        .values("currency", "age")
        .annotate(minor=Sum("due_minor"), count=Count("pk"))
    )
    found: dict[str, Totals] = {}
    for row in rows:
        one = found.setdefault(row["currency"], Totals(row["currency"]))
        one.ages[row["age"]] = row["minor"]
        one.open_minor += row["minor"]
        one.count += row["count"]
        one.overdue_minor += row["minor"] if row["age"] != "not_due" else 0
    since = today - timedelta(days=30)
    paid = (
        invoices.filter(paid_at__date__gte=since, state=State.PAID)
        .order_by()
        .values("currency")
        .annotate(minor=Sum(F("kept_minor")))
    )
    for row in paid:
        found.setdefault(row["currency"], Totals(row["currency"])).paid_minor = row["minor"]
    return sorted(found.values(), key=lambda one: (-one.open_minor, one.currency))


def tone_of(invoice: Invoice) -> str:
    """The tone of its badge."""
    return "negative" if invoice.is_overdue else TONES.get(State(invoice.state), "")


def words_of(invoice: Invoice) -> str:
    """Its state as people read it; what is derived or on top comes before the state itself."""
    if invoice.is_disputed:
        return "Disputed"
    if invoice.is_processing and invoice.is_open:
        return "Payment on its way"
    if invoice.is_overdue:
        return "Overdue"
    return State(invoice.state).label


def with_status(invoices: Iterable[Invoice]) -> list[Invoice]:
    """Each with `status` and `tone` for its badge."""
    rows = list(invoices)
    for row in rows:
        row.status, row.tone = words_of(row), tone_of(row)  # type: ignore[attr-defined]
    return rows


def open_beside(invoice: Invoice) -> list[Invoice]:
    """Other open invoices of the same owner in the same currency, the earliest due first."""
    same = Invoice.objects.open().filter(
        company=invoice.company_id, client=invoice.client_id, currency=invoice.currency, is_processing=False
    )
    return list(same.exclude(pk=invoice.pk).order_by("next_due_on", "pk")[:10])

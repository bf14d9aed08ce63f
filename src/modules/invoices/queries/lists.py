"""Invoices in rows: for the console's list, the client's list and the dashboard."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from kit.money import parse_money
from kit.paging import Page, after, cut, page_by
from modules.invoices.models import INSIDE, OPEN, Invoice, State, TransferReport
from modules.invoices.models.invoices import CLOSED
from modules.invoices.queries.figures import AGE_WORDS, due_within
from portal.people.models import Client, Company, Staff

FILTERS = {
    "": "All",
    "draft": "Drafts",
    "open": "Open",
    "overdue": "Overdue",
    "paid": "Paid",
    "reported": "“I have paid”",
    "other": "Void, credited, refunded",
    **AGE_WORDS,
}
# The longest overdue first; everything else newest first.
BY_DAY = ("overdue", *AGE_WORDS)
CLIENT_FILTERS = {"": "All", "open": "To pay", "paid": "Paid"}
TONES = {
    State.ISSUED: "accent",
    State.PARTLY_PAID: "notice",
    State.PAID: "positive",
    State.SCHEDULED: "notice",
}


def for_staff(
    staff: Staff | None,
    *,
    words: str = "",
    shown: str = "",
    currency: str = "",
    owner: Company | Client | None = None,
    today: date,
) -> QuerySet[Any]:
    """The console's list, filtered; `page_of` orders it. `staff` None: the whole agency, for its own programs."""
    served = Invoice.objects.served_by(staff) if staff else Invoice.objects.all()
    found: QuerySet[Any] = _filtered(served, shown, today).select_related("company", "client")
    if isinstance(owner, Company):
        found = found.filter(company=owner)
    elif owner is not None:
        found = found.filter(client=owner)
    if currency:
        found = found.filter(currency=currency)
    return found.filter(_matching(words)) if words else found


def page_of(found: QuerySet[Any], *, shown: str, cursor: str | None, size: int) -> Page[Invoice]:
    """One page of a list. The order is one that an index has, so each page costs the same.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    order = ("next_due_on", "pk") if shown in BY_DAY else ("-pk",)
    return page_by(found, *order, cursor=cursor, size=size)


def _matching(words: str) -> Q:
    """Number, title, client, company or amount. Names are looked up first: then one index serves each part."""
    found = Q(number__icontains=words) | Q(title__icontains=words)
    if companies := list(Company.objects.filter(name__icontains=words).values_list("pk", flat=True)):
        found |= Q(company_id__in=companies)
    if clients := list(Client.objects.filter(name__icontains=words).values_list("pk", flat=True)):
        found |= Q(client_id__in=clients)
    if amounts := _amounts(words):
        found |= Q(gross_minor__in=amounts)
    return found


def _amounts(words: str) -> set[int]:
    """What the words are in minor units, with two decimals, none, or three."""
    found = set()
    for currency in ("EUR", "JPY", "KWD"):
        try:
            found.add(parse_money(words.strip(" €$£"), currency))
        except ValueError:
            continue
    return found


def for_client(
    parts: Sequence[Q],
    *,
    shown: str,
    cursor: str | None,
    size: int,
    today: date,
) -> Page[Invoice]:
    """A page of what a client sees: newest first, or what is to be paid next first.

    Args:
        parts: what it sees, a condition for each owner.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    order = ("next_due_on", "pk") if shown == "open" else ("-pk",)
    found = _filtered(Invoice.objects.exclude(state__in=INSIDE), shown, today)
    rows = first_of(after(found, *order, cursor=cursor), parts, *order, most=size + 1)
    return cut(rows, *order, size=size)


def first_of(found: Any, owned: Sequence[Q], *order: str, most: int) -> list[Invoice]:
    """The first of some owners' invoices, in one question with a part for each owner (`owned`: its condition).

    Each part has an index that begins with the owner. With all owners in one condition Postgres walks
    through everybody's invoices as soon as it takes the owners for common.
    """
    parts = [found.filter(part).order_by(*order)[:most] for part in owned]
    together = parts[0].union(*parts[1:], all=True).order_by(*order)[:most] if parts[1:] else parts[0]
    return list(together)


def _filtered(found: Any, shown: str, today: date) -> Any:
    if shown == "draft":
        return found.filter(state__in=INSIDE)
    # What is in these states has something to be paid, and a day for it: saying so once keeps Postgres's
    # guess of how many they are right, and so its choice of the index.
    if shown == "open":
        return found.filter(state__in=OPEN)
    if shown == "overdue":
        return found.filter(state__in=OPEN, next_due_on__lt=today)
    if shown == "paid":
        return found.filter(state=State.PAID)
    if shown == "reported":
        waiting = TransferReport.objects.filter(state=TransferReport.State.WAITING)
        return found.filter(pk__in=waiting.values("invoice_id"))
    if shown in AGE_WORDS:
        return found.filter(due_within(shown, today), state__in=OPEN)
    return found.filter(state__in=CLOSED) if shown == "other" else found


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

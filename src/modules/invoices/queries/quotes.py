"""Quotes in rows, on their page and on paper: for staff and clients alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from modules.invoices.models import InvoiceSettings, Quote, QuoteAnswer, QuoteState
from modules.invoices.models.invoices import party
from modules.invoices.queries.page import Content, content_of
from modules.invoices.queries.papers import are_gross, lines_of, party_of, render_in_brand, taxes_of
from portal.agency import current_agency
from portal.audit.models import AuditEntry
from portal.papers import paper as sheet
from portal.people.models import Client, Staff

FILTERS = {
    "": "All",
    "draft": "Drafts",
    "waiting": "Waiting for an answer",
    "accepted": "Accepted",
    "declined": "Declined",
    "expired": "Expired",
}
TONES = {
    QuoteState.SENT: "accent",
    QuoteState.ACCEPTED: "positive",
    QuoteState.DECLINED: "negative",
}
HISTORY = {
    "invoices.quote_drafted": "Written",
    "invoices.quote_versioned": "New version begun",
    "invoices.quote_sent": "Sent",
    "invoices.quote_withdrawn": "Taken back",
    "invoices.quote_accepted": "Accepted",
    "invoices.quote_declined": "Declined",
}


@dataclass(frozen=True)
class Event:
    """A moment of a quote's life, with whoever brought it about."""

    at: datetime
    words: str
    who: str
    version: int


@dataclass(frozen=True)
class QuotePage:
    """All that a page of one quote prints."""

    quote: Quote
    status: str
    tone: str
    content: Content
    answer: QuoteAnswer | None
    newer: Quote | None
    events: list[Event]


def for_staff(staff: Staff, *, words: str = "", shown: str = "") -> QuerySet[Any]:
    """The console's list, filtered; ordered by page_by_id, newest first."""
    found: QuerySet[Any] = _filtered(Quote.objects.served_by(staff), shown)
    if words:
        found = found.filter(
            Q(number__icontains=words)
            | Q(pattern__title__icontains=words)
            | Q(company__name__icontains=words)
            | Q(client__name__icontains=words)
        )
    return found.select_related("pattern", "company", "client")


def for_client(client: Client) -> QuerySet[Any]:
    """What this client sees; of each quote the version that counts."""
    mine: QuerySet[Any] = Quote.objects.visible_to(client).exclude(state=QuoteState.REPLACED)
    return mine.select_related("pattern", "company", "client")


def _filtered(found: Any, shown: str) -> Any:
    if shown == "waiting":
        return found.waiting()
    if shown == "expired":
        return found.expired()
    return found.filter(state=shown) if shown in ("draft", "accepted", "declined") else found


def words_of(quote: Quote) -> str:
    """Its state as people read it."""
    return "Expired" if quote.is_expired else QuoteState(quote.state).label


def tone_of(quote: Quote) -> str:
    """The tone of its badge."""
    return "" if quote.is_expired else TONES.get(QuoteState(quote.state), "")


def with_status(quotes: Iterable[Quote]) -> list[Quote]:
    """Each with `status` and `tone` for its badge."""
    rows = list(quotes)
    for row in rows:
        row.status, row.tone = words_of(row), tone_of(row)  # type: ignore[attr-defined]
    return rows


def page_of(quote: Quote) -> QuotePage:
    """Everything of one quote."""
    return QuotePage(
        quote=quote,
        status=words_of(quote),
        tone=tone_of(quote),
        content=content_of(quote.pattern),
        answer=QuoteAnswer.objects.filter(quote=quote).select_related("client").first(),
        newer=Quote.objects.filter(replaces=quote).first(),
        events=_events(quote),
    )


def _events(quote: Quote) -> list[Event]:
    """The life of all versions, the newest moment first, from the audit log."""
    versions: dict[str, int] = {f"quote:{quote.pk}": quote.version}
    if quote.number is not None:
        same = Quote.objects.filter(number=quote.number).values_list("pk", "version")
        versions |= {f"quote:{pk}": version for pk, version in same}
    entries = AuditEntry.objects.filter(subject__in=versions, verb__in=HISTORY).order_by("-pk")
    return [
        Event(entry.at, HISTORY[entry.verb], entry.actor_name, versions[entry.subject]) for entry in entries
    ]


def quote_pdf(quote: Quote, parts: Iterable[tuple[str, int]]) -> bytes:
    """The quote as PDF, with its plan as labels and amounts; of a draft as it would be today."""
    return render_in_brand(quote_paper_of(quote, parts=parts))


def quote_paper_of(quote: Quote, *, parts: Iterable[tuple[str, int]] = ()) -> sheet.InvoicePaper:
    """A quote as a paper."""
    pattern = quote.pattern
    lines = list(pattern.lines.all())
    sums = pattern.sums_of(lines)
    issued_on: date = quote.sent_on or current_agency().today()
    return sheet.InvoicePaper(
        kind=sheet.Kind.QUOTE,
        number=quote.shown_number,
        issued_on=issued_on,
        due_on=quote.valid_until,
        currency=pattern.currency,
        seller=party_of(quote.seller or party(InvoiceSettings.load())),
        buyer=party_of(quote.buyer or {"name": str(quote.owner)}),
        lines=lines_of(lines, sums),
        taxes=taxes_of(sums),
        net_minor=pattern.net_minor,
        tax_minor=pattern.tax_minor,
        gross_minor=pattern.gross_minor,
        due_minor=pattern.gross_minor,
        instalments=tuple(sheet.Instalment(label, None, minor) for label, minor in parts),
        notes=pattern.notes,
        terms=pattern.terms,
        reverse_charge=any(line.tax_category == "AE" for line in lines),
        prices_include_tax=are_gross(lines),
        language=current_agency().language,
    )

"""What the portal's dashboard and menu say about invoices."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from kit.money import format_money
from modules.invoices.models import Invoice, InvoiceSettings, Quote
from modules.invoices.queries import lists, people
from portal.http import Request
from portal.module import Card, Waiting

SHOWN = 3
MOST_WAITING = 5


def load(request: Request) -> Mapping[str, Any] | None:
    """The newest invoices of this client, what is open, and quotes to answer; None when it has none."""
    mine = Invoice.objects.visible_to(request.client)
    newest = list(mine.order_by("-pk")[: SHOWN + 1])
    offered = _quotes(request)
    if not newest and not offered:
        return None
    return {
        "quotes": offered[:SHOWN],
        "invoices": lists.with_status(newest[:SHOWN]),
        "has_more": len(newest) > SHOWN,
        "totals": lists.totals(mine, request.agency.today()),
    }


def waiting(request: Request) -> Sequence[Waiting]:
    """What this client may answer or pay, the earliest first."""
    mine = Invoice.objects.visible_to(request.client).open().filter(is_processing=False)
    found = mine.select_related("company").order_by("next_due_on", "pk")[:MOST_WAITING]
    answers = [
        Waiting(
            f"Answer the quote: {quote.pattern.title}",
            reverse("invoices:quote", args=[quote.pk]),
            quote.valid_until,
        )
        for quote in _quotes(request)
        if people.may_answer(quote, request.client)
    ]
    return answers + [
        Waiting(
            f"Pay {format_money(invoice.due_minor, invoice.currency)}: {invoice.title}",
            reverse("invoices:show", args=[invoice.pk]),
            invoice.next_due_on,
        )
        for invoice in found
        if people.may_pay(invoice, request.client)
    ]


def has_content(request: Request) -> bool:
    """Whether this client has any invoice or quote."""
    has_invoice: bool = Invoice.objects.visible_to(request.client).exists()
    return has_invoice or Quote.objects.visible_to(request.client).exists()


def _quotes(request: Request) -> list[Quote]:
    mine = Quote.objects.visible_to(request.client).waiting(request.agency.today())
    return list(mine.select_related("pattern", "company").order_by("valid_until", "pk")[:MOST_WAITING])


def is_complete() -> bool:
    """Whether the agency has said who it is: its first step is done."""
    return InvoiceSettings.load().is_complete


CARD = Card(template="invoices/client/card.html", load=load)

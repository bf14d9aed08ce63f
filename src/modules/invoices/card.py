"""What the portal's dashboard and menu say about invoices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.urls import reverse

from kit.money import format_money
from modules.invoices.models import INSIDE, OPEN, Invoice, InvoiceSettings, Policy, Quote
from modules.invoices.queries import autopay, figures, lists, people
from portal.http import Request
from portal.module import Card, Waiting
from portal.people.models import Client, Company

Found = TypeVar("Found")
SHOWN = 3
MOST_WAITING = 5


def load(request: Request) -> Mapping[str, Any] | None:
    """The newest invoices of this client, what is open, and quotes to answer; None when it has none."""
    seen, newest, offered = _seen(request), _newest(request), _offered(request)
    if not newest and not offered:
        return None
    return {
        "quotes": offered[:SHOWN],
        "invoices": lists.with_status(newest[:SHOWN]),
        "has_more": len(newest) > SHOWN,
        "totals": figures.of_seen(seen.whole, seen.rest, request.agency.today()),
    }


def waiting(request: Request) -> Sequence[Waiting]:
    """What this client may answer or pay, the earliest first."""
    found = []
    if _newest(request):
        to_pay = Invoice.objects.filter(state__in=OPEN, is_processing=False)
        found = lists.first_of(to_pay, _seen(request).payable, "next_due_on", "pk", most=MOST_WAITING)
    charged = autopay.charged_among(found) if found else ()
    quotes = (
        _waiting_quotes(Quote.objects.answerable_by(request.client), request) if _offered(request) else []
    )
    answers = [
        Waiting(
            f"Answer the quote: {quote.pattern.title}",
            reverse("invoices:quote", args=[quote.pk]),
            quote.valid_until,
            key=f"invoices.quote:{quote.pk}",
            company_id=quote.company_id,
        )
        for quote in quotes
    ]
    return answers + [
        Waiting(
            f"Pay {format_money(invoice.due_minor, invoice.currency)}: {invoice.title}",
            reverse("invoices:show", args=[invoice.pk]),
            invoice.next_due_on,
            key=f"invoices.invoice:{invoice.pk}",
            company_id=invoice.company_id,
        )
        for invoice in found
        if invoice.pk not in charged
    ]


def autopay_panel(request: Request, owners: Sequence[Company | Client]) -> Mapping[str, Any] | None:
    """Beside the saved cards: whether invoices are paid from them by themselves."""
    rows = []
    for owner in owners:
        policy, mandate = autopay.owner_policy(owner), autopay.mandate_of(owner)
        if policy == Policy.OFF or not (mandate or has_content(request)):
            continue
        words = (
            mandate.words if mandate else autopay.owner_words(owner, is_required=policy == Policy.REQUIRED)
        )
        key = f"{'company' if isinstance(owner, Company) else 'client'}-{owner.pk}"
        rows.append({"owner": owner, "key": key, "mandate": mandate, "words": words,
                     "is_required": policy == Policy.REQUIRED, "method": autopay.method_of(owner)})  # fmt: skip
    return {"rows": rows} if rows else None


def has_content(request: Request) -> bool:
    """Whether this client has any invoice or quote."""
    if _newest(request):
        return True
    has_quote: bool = Quote.objects.visible_to(request.client).exists()
    return has_quote


def _waiting_quotes(quotes: Any, request: Request) -> list[Quote]:
    found = quotes.waiting(request.agency.today()).select_related("pattern")
    return list(found.order_by("valid_until", "pk")[:MOST_WAITING])


def _seen(request: Request) -> people.Seen:
    return _once(request, "_invoices_seen", lambda: people.seen_by(request.client))


def _newest(request: Request) -> list[Invoice]:
    issued = Invoice.objects.exclude(state__in=INSIDE)
    parts = _seen(request).parts
    return _once(request, "_invoices_newest", lambda: lists.first_of(issued, parts, "-pk", most=SHOWN + 1))


def _offered(request: Request) -> list[Quote]:
    quotes = Quote.objects.visible_to(request.client)
    return _once(request, "_invoices_offered", lambda: _waiting_quotes(quotes, request))


def _once(request: Request, name: str, ask: Callable[[], Found]) -> Found:
    """Asked once for a page: its menu, its card and what waits all want to know."""
    if name not in request.__dict__:
        request.__dict__[name] = ask()
    found: Found = request.__dict__[name]
    return found


def load_for_staff(request: Request) -> Mapping[str, Any] | None:
    """What is open and overdue over all clients; None before the first invoice, and for who may not see all."""
    if request.staff.is_limited:
        return None
    totals = figures.of_agency(request.agency.today())
    return {"totals": totals[:SHOWN], "has_more": len(totals) > SHOWN} if totals else None


def is_complete() -> bool:
    """Whether the agency has said who it is: its first step is done."""
    return InvoiceSettings.load().is_complete


CARD = Card(template="invoices/client/card.html", load=load)
STAFF_CARD = Card(template="invoices/console/card.html", load=load_for_staff)

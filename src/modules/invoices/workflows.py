"""What workflows hear of invoices and quotes, and the draft that they can write."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms

from kit.money import Money
from modules.invoices.models import Invoice, Quote, QuoteAnswer, Reminder
from modules.invoices.operations.drafting import create_invoice
from modules.invoices.queries import people
from portal.agency import current_agency
from portal.links import portal_path
from portal.module import Act, Action, Happening, Offer, Past, Trigger, ValueKind
from portal.placeholders import WordsField, fill

INVOICE = [
    Offer("number", "the invoice's number"),
    Offer("title", "the invoice's title"),
    Offer("amount", "the amount", ValueKind.MONEY),
    Offer("open_amount", "the amount still to be paid", ValueKind.MONEY),
    Offer("due_on", "the day on which it is due", ValueKind.DATE),
    Offer("is_paid", "the invoice is paid", ValueKind.YES),
    Offer("is_overdue", "the invoice is overdue", ValueKind.YES),
]
QUOTE = [Offer("number", "the quote's number"), Offer("valid_until", "its last day", ValueKind.DATE)]


def read_invoice(*, invoice_id: int, **_: Any) -> Happening | None:
    """An invoice as it stands now; drafts are nobody's business."""
    one = Invoice.objects.select_related("company", "client").filter(pk=invoice_id).first()
    if one is None or not one.is_issued:
        return None
    return Happening(
        about=one.payable,
        title=f"Invoice {one.number}",
        clients=people.clients_of(one),
        owner=one.owner,
        values={
            "number": one.number,
            "title": one.title,
            "amount": Money(one.gross_minor, one.currency),
            "open_amount": Money(one.due_minor, one.currency),
            "due_on": one.next_due_on or one.due_on,
            "is_paid": one.paid_at is not None and not one.due_minor,
            "is_overdue": one.is_overdue,
        },
        path=portal_path("invoices:show", one.pk),
        console_path=f"/invoices/{one.pk}/",
    )


def read_due(*, invoice_id: int, due_on: str) -> Happening | None:
    """An invoice of which something is still due on that very day."""
    found = read_invoice(invoice_id=invoice_id)
    is_so = found and Invoice.objects.open().filter(pk=invoice_id, next_due_on=due_on).exists()
    return found if is_so else None


def read_quote(*, quote_id: int) -> Happening | None:
    """A quote as it stands now."""
    one = Quote.objects.select_related("company", "client", "pattern").filter(pk=quote_id).first()
    if one is None or not one.is_sent:
        return None
    return Happening(
        about=f"invoices.quote:{one.pk}",
        title=f"Quote {one.shown_number}",
        clients=people.clients_of(one),
        owner=one.owner,
        values={"number": one.shown_number, "valid_until": one.valid_until},
        path=portal_path("invoices:quote", one.pk),
        console_path=f"/invoices/quotes/{one.pk}/",
    )


def _invoices(moment: str) -> Callable[[datetime], Iterator[Past]]:
    def past(since: datetime) -> Iterator[Past]:
        found = Invoice.objects.filter(**{f"{moment}__gte": since}).order_by(f"-{moment}")
        return (Past({"invoice_id": pk}, at) for pk, at in found.values_list("pk", moment))

    return past


def _late(since: datetime) -> Iterator[Past]:
    found = Reminder.objects.filter(days_after__gt=0, created_at__gte=since).order_by("-created_at")
    return (Past({"invoice_id": pk}, at) for pk, at in found.values_list("invoice_id", "created_at"))


def _quotes_sent(since: datetime) -> Iterator[Past]:
    found = Quote.objects.filter(sent_at__gte=since).order_by("-sent_at")
    return (Past({"quote_id": pk}, at) for pk, at in found.values_list("pk", "sent_at") if at)


def _quotes_accepted(since: datetime) -> Iterator[Past]:
    found = QuoteAnswer.objects.filter(verdict="accepted", created_at__gte=since).order_by("-created_at")
    return (Past({"quote_id": pk}, at) for pk, at in found.values_list("quote_id", "created_at"))


def _due(days: int) -> Iterator[Mapping[str, Any]]:
    on = current_agency().today() + timedelta(days=days)
    found = Invoice.objects.open().filter(next_due_on=on).values_list("pk", flat=True)
    return ({"invoice_id": pk, "due_on": on.isoformat()} for pk in found)


def _was_due(since: datetime, days: int) -> Iterable[Past]:
    found = Invoice.objects.open().filter(next_due_on__gte=(since + timedelta(days=days)).date())
    found = found.filter(next_due_on__lte=current_agency().today() + timedelta(days=days))
    rows = found.order_by("-next_due_on").values_list("pk", "next_due_on")
    return [
        Past({"invoice_id": pk, "due_on": on.isoformat()}, _at(on - timedelta(days=days)))
        for pk, on in rows
        if on
    ]


def _at(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=current_agency().tzinfo)


class DraftForm(forms.Form):
    """What the draft says; staff complete and send it."""

    title = WordsField(label="Title", max_length=160)
    line = WordsField(label="What for", max_length=200, help_text="The first line of the draft.")
    minor = forms.DecimalField(
        label="Amount", min_value=0, max_value=10_000_000, decimal_places=2, help_text="Without tax."
    )


def write_draft(act: Act, settings: Mapping[str, Any]) -> str:
    """A draft for the owner of what happened: the step's transaction makes it once."""
    from kit.money import exponent
    from portal.payments.queries import default_currency

    minor = int(settings["minor"] * 10 ** exponent(default_currency()))
    line = {"description": fill(settings["line"], act.values), "unit_minor": minor}
    title = fill(settings["title"], act.values)[:160]
    owner = act.happening.owner
    create_invoice(owner=owner, by=None, title=title, lines=[line])  # type: ignore[list-item]
    return f"Wrote the draft “{title}” for {owner}. Look at it and send it."


def say_draft(settings: Mapping[str, Any]) -> str:
    return f"write a draft invoice “{settings['title']}”"


TRIGGERS = [
    Trigger("invoices.issued", "an invoice is issued", read_invoice, _invoices("issued_at"), INVOICE),
    Trigger("invoices.paid", "an invoice is paid in full", read_invoice, _invoices("paid_at"), INVOICE),
    Trigger("invoices.overdue", "a reminder of an overdue invoice is sent", read_invoice, _late, INVOICE),
    Trigger("invoices.payment_failed", "a payment of an invoice failed", read_invoice, None, INVOICE),
    Trigger("invoices.quote_sent", "a quote is sent", read_quote, _quotes_sent, QUOTE),
    Trigger("invoices.quote_accepted", "a quote is accepted", read_quote, _quotes_accepted, QUOTE),
    Trigger(
        "invoices.due_soon",
        "an invoice is due in {days} days",
        read_due,
        _was_due,
        INVOICE,
        due=_due,
        days=3,
    ),
]
ACTIONS = [Action("invoices.draft", "Write a draft invoice", DraftForm, write_draft, say_draft)]

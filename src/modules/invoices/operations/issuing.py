"""Issue: the moment an invoice gets its number, becomes the client's, and stops changing."""

from datetime import date, datetime, timedelta

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from modules.invoices import emails
from modules.invoices.models import INSIDE, BillingDetails, Invoice, InvoiceSettings, Series, State
from modules.invoices.models.invoices import party
from modules.invoices.operations.checks import hold, hold_draft
from modules.invoices.operations.ledger import recompute_now
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Staff
from portal.people.owned import OwnedRecord


class NotComplete(WrongState):
    """Something that every invoice needs is missing."""


@transaction.atomic
def issue(
    invoice: Invoice,
    *,
    by: Staff | None,
    at: datetime | None = None,
    send_mail: bool = True,
    trail: Trail | None = None,
) -> Invoice:
    """Give the next number, freeze the content and tell the clients who may see it. Twice is as good as once.

    Args:
        at: another moment than now, for the demo: numbers are taken in the order of the calls.

    Raises:
        NotComplete: no line, or the agency's own name, address and country are missing.
        NotValid: it would be due before it is issued, or the plan does not come to the total.
    """
    held = hold(invoice)
    if held.state not in INSIDE:
        return held
    moment = at or clock.now()
    settings, today = InvoiceSettings.load(), moment.astimezone(current_agency().tzinfo).date()
    _check(held, settings, today)
    held.seller, held.buyer = party(settings), buyer_of(held)
    held.issued_on, held.issued_at, held.scheduled_on = today, moment, None
    _set_days(held, today)
    _, held.number = Series.of(Series.Kind.INVOICE).take(today.year)
    held.state = State.ISSUED
    held.save()
    recompute_now(held)
    record("invoices.issued", held, by=by, summary=f"Issued invoice {held}", **(trail or {}))
    publish("invoices.issued", invoice_id=held.pk)
    if send_mail:
        emails.tell_issued(held)
    return held


@transaction.atomic
def schedule(invoice: Invoice, *, on: date | None, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """Let a draft issue itself on a day; None takes that back.

    Raises:
        Issued: it is out already.
        NotValid: the day is over.
    """
    held = hold_draft(invoice)
    if on is not None and on <= current_agency().today():
        raise NotValid("Choose a day from tomorrow on, or send it now.", field="scheduled_on")
    held.scheduled_on = on
    held.state = State.SCHEDULED if on else State.DRAFT
    held.save(update_fields=["scheduled_on", "state"])
    summary = f"Scheduled the {held} for {on}" if on else f"Took the {held} off the schedule"
    record("invoices.scheduled", held, by=by, summary=summary, **(trail or {}))
    return held


def issue_scheduled() -> int:
    """Issue what is scheduled for today or earlier; how many. One that is refused waits for staff.

    A read-only agency sends nothing; what is scheduled leaves when it is open again.
    """
    if current_agency().is_read_only:
        return 0
    due = Invoice.objects.filter(state=State.SCHEDULED, scheduled_on__lte=current_agency().today())
    return sum(_issue_one(invoice) for invoice in due.order_by("scheduled_on", "pk"))


@transaction.atomic
def _issue_one(invoice: Invoice) -> int:
    """One that is still scheduled for today: since the list was read, staff may have thought better of it."""
    held = hold(invoice)
    on = held.scheduled_on
    if held.state != State.SCHEDULED or on is None or on > current_agency().today():
        return 0
    try:
        issue(held, by=None)
    except (NotComplete, NotValid) as refused:
        held.state, held.scheduled_on = State.DRAFT, None
        held.save(update_fields=["state", "scheduled_on"])
        emails.tell_not_issued(held, refused.words)
        return 0
    return 1


def buyer_of(invoice: OwnedRecord) -> dict[str, str]:
    """The buyer as the invoice or quote keeps it: the billing details, else the name alone."""
    owner = invoice.owner
    details = BillingDetails.objects.filter(company=invoice.company, client=invoice.client).first()
    return {
        "name": (details.name if details else "") or getattr(owner, "name", "") or str(owner),
        "address": details.address if details else "",
        "country": details.country if details else "",
        "tax_id": details.tax_id if details else "",
        "email": invoice.client.email if invoice.client else "",
    }


def _check(held: Invoice, settings: InvoiceSettings, today: date) -> None:
    if not settings.is_complete:
        raise NotComplete(
            "Your own name, address and country are missing. Fill them in under “Invoice settings” first."
        )
    if not held.lines.exists():
        raise NotComplete("Add a line first: what the invoice is for, and what it costs.")
    if held.due_on is not None and held.due_on < today:
        raise NotValid("The due date is over. Choose today or later.", field="due_on")
    parts = list(held.instalments.all())
    if parts and sum(part.minor for part in parts) != held.gross_minor:
        raise NotValid("The instalments do not come to the invoice's total.", field="plan")
    if any(part.due_on is not None and part.due_on < today for part in parts):
        raise NotValid("An instalment is due on a day that is over.", field="plan")


def _set_days(held: Invoice, today: date) -> None:
    parts = list(held.instalments.all())
    for part in parts:
        if part.due_on is None:
            part.due_on = today + timedelta(days=part.days_after_issue or 0)
            part.save(update_fields=["due_on"])
    days = [part.due_on for part in parts if part.due_on]
    held.due_on = max(days) if days else held.due_on or today + timedelta(days=held.days_to_pay)

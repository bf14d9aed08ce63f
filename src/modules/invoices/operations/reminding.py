"""Reminders before, on and after a day of payment, and the late fee that follows."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import WrongState
from modules.invoices import emails
from modules.invoices.models import OPEN, BillingDetails, Invoice, InvoiceSettings, Reminder
from modules.invoices.operations.checks import hold, hold_issued
from modules.invoices.operations.ending import fee_of
from modules.invoices.operations.ledger import book
from modules.invoices.queries import autopay
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.payments.models import EntryKind, LedgerEntry
from portal.payments.queries import default_currency
from portal.people.models import Client, Company, Staff

FROM_HOUR = 8  # nobody is woken up: in the agency's zone


def remind_due() -> int:
    """Mail what is due or late today; how many invoices. Runs often, reminds once for each day."""
    agency = current_agency()
    # Of a read-only agency nobody can pay.
    if agency.is_read_only or clock.now().astimezone(agency.tzinfo).hour < FROM_HOUR:
        return 0
    settings = InvoiceSettings.load()
    days = [0, *settings.days_after]
    if settings.remind_days_before:
        days.append(-settings.remind_days_before)
    sent = 0
    for distance in days:
        due_on = agency.today() - timedelta(days=distance)
        for invoice in Invoice.objects.open().filter(next_due_on=due_on):
            sent += _remind(invoice, distance)
    return sent


def charge_late_fees() -> int:
    """Add the agency's late fee to what is late enough; how many invoices. Once for each invoice."""
    settings = InvoiceSettings.load()
    if current_agency().is_read_only or not (settings.late_fee_percent or settings.late_fee_minor):
        return 0
    latest = current_agency().today() - timedelta(days=settings.late_fee_after_days)
    late = Invoice.objects.open().filter(next_due_on__lt=latest, is_disputed=False)
    return sum(_charge(invoice, settings) for invoice in late)


@transaction.atomic
def remind_now(invoice: Invoice, *, by: Staff | None, trail: Trail | None = None) -> int:
    """Remind by hand; how many clients get the mail.

    Raises:
        NotIssued: a draft asks nobody.
        WrongState: nothing is open, or they were reminded today.
    """
    held = hold_issued(invoice)
    if not held.is_open:
        raise WrongState("Nothing is open on this invoice.")
    today = current_agency().today()
    due_on = held.next_due_on or today
    _, is_new = Reminder.objects.get_or_create(
        invoice=held, due_on=due_on, days_after=max(-3000, min(3000, (today - due_on).days))
    )
    if not is_new:
        raise WrongState("They were reminded today. Wait until tomorrow.")
    record("invoices.reminded", held, by=by, summary=f"Reminded of {held}", **(trail or {}))
    return emails.remind(held)


@transaction.atomic
def mute_reminders(invoice: Invoice, *, is_muted: bool, by: Staff | None, trail: Trail | None = None) -> None:
    """Stop or restart the automatic reminders of one invoice."""
    held = hold_issued(invoice)
    if held.reminders_muted != is_muted:
        held.reminders_muted = is_muted
        held.save(update_fields=["reminders_muted"])
        words = "Muted" if is_muted else "Restarted"
        record(
            "invoices.reminders_muted", held, by=by, summary=f"{words} reminders of {held}", **(trail or {})
        )


@transaction.atomic
def mute_owner(
    owner: Company | Client, *, is_muted: bool, by: Staff | None, trail: Trail | None = None
) -> None:
    """Stop or restart the automatic reminders of all invoices of a company or lone client."""
    whose: dict[str, Any] = {"company": owner} if isinstance(owner, Company) else {"client": owner}
    details, _ = BillingDetails.objects.get_or_create(**whose)
    if details.reminders_muted != is_muted:
        details.reminders_muted = is_muted
        details.save(update_fields=["reminders_muted"])
        words = "Muted" if is_muted else "Restarted"
        record(
            "invoices.owner_muted", details, by=by, summary=f"{words} reminders to {owner}", **(trail or {})
        )


@transaction.atomic
def _remind(invoice: Invoice, distance: int) -> int:
    held = hold(invoice)
    today = current_agency().today()
    stopped = (
        held.reminders_muted
        or held.is_disputed
        or held.is_processing
        or (held.promised_on is not None and held.promised_on >= today)
        or held.transfer_reports.filter(state="waiting").exists()
        or BillingDetails.objects.filter(
            company=held.company, client=held.client, reminders_muted=True
        ).exists()
        or autopay.is_being_charged(held)
    )
    if not held.is_open or held.next_due_on is None or stopped:
        return 0
    if (today - held.next_due_on).days != distance:
        return 0
    _, is_new = Reminder.objects.get_or_create(invoice=held, due_on=held.next_due_on, days_after=distance)
    if not is_new:
        return 0
    if distance > 0:
        publish("invoices.overdue", invoice_id=held.pk)
    emails.remind(held)
    return 1


@transaction.atomic
def _charge(invoice: Invoice, settings: InvoiceSettings) -> int:
    held = hold(invoice)
    charged = LedgerEntry.objects.filter(payable=held.payable, kind=EntryKind.LATE_FEE)
    if not held.is_overdue or held.is_disputed or held.state not in OPEN or charged.exists():
        return 0
    # The flat amount is in the currency of new invoices: no invoice in another one gets it.
    same = held.currency == default_currency()
    minor = fee_of(
        due_minor=held.due_minor,
        percent=settings.late_fee_percent,
        flat_minor=settings.late_fee_minor if same else 0,
        most_minor=settings.late_fee_most_minor if same else 0,
    )
    if minor <= 0:
        return 0
    book(held, EntryKind.LATE_FEE, -minor, note="Late fee", ref=f"invoice-{held.pk}")
    record("invoices.late_fee_added", held, summary=f"Added the late fee to {held}")
    return 1

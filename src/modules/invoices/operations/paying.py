"""Clients pay: what may be paid now, card checkout, and "I have paid" by transfer."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from kit import clock
from kit.money import format_money
from kit.refused import NotValid, WrongState
from kit.typed import storable
from modules.invoices import emails
from modules.invoices.models import Invoice, TransferReport
from modules.invoices.operations import autopay
from modules.invoices.operations.checks import NotAllowed, amount_of, hold_issued
from modules.invoices.queries import autopay as queries
from modules.invoices.queries.people import may_pay
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.links import portal_path
from portal.payments import operations as payments
from portal.payments.models import Payment
from portal.people.models import Client, Staff
from portal.uploads.models import Upload


@dataclass(frozen=True)
class Choice:
    """One amount that a client may pay now."""

    key: str
    label: str
    minor: int
    parts: tuple[int, ...] = ()


def choices_of(invoice: Invoice) -> list[Choice]:
    """Pay next, pay ahead to each later part, pay all; the usual one first. Empty when nothing is open."""
    if not invoice.is_open:
        return []
    parts = [part for part in invoice.instalments.all() if part.open_minor > 0]
    everything = Choice("all", "Everything", invoice.due_minor, tuple(part.pk for part in parts))
    sums, choices = 0, []
    for place, part in enumerate(parts):
        sums += part.open_minor
        if sums >= invoice.due_minor:
            break
        label = part.label if place == 0 else f"Up to {part.label}"
        key = "next" if place == 0 else f"ahead-{place}"
        choices.append(Choice(key, label, sums, tuple(one.pk for one in parts[: place + 1])))
    return [*choices, everything]


def start_payment(
    invoice: Invoice, *, choice: str, client: Client, with_autopay: bool = False, trail: Trail | None = None
) -> Payment:
    """Open a card payment for one of the invoice's choices. Not inside a transaction.

    Args:
        with_autopay: the client agrees that what is left is paid by itself; where that is required it is so anyway.

    Raises:
        NotAllowed: this client may see it, not pay it.
        WrongState: nothing is open, or a payment is on its way.
        NotValid: there is no such choice (any more).
        portal.payments' own refusals.
    """
    if not may_pay(invoice, client):
        raise NotAllowed
    if invoice.is_processing:
        raise WrongState("A payment for this invoice is on its way. You hear from us when it arrives.")
    offered = {one.key: one for one in choices_of(invoice)}
    if not offered:
        raise WrongState("Nothing is to be paid on this invoice.")
    chosen = offered.get(choice)
    if chosen is None:
        raise NotValid("This choice is not there any more. Please choose again.", field="choice")
    standing = queries.standing_of(invoice)
    saves = _saves(invoice, chosen, standing, with_autopay)
    payment = payments.start_checkout(
        payable=invoice.payable,
        minor=chosen.minor,
        currency=invoice.currency,
        client=client,
        label=f"{invoice.number} {invoice.title}"[:200],
        parts=list(chosen.parts),
        company=invoice.company,
        save_method=saves,
        mandate_words=(standing.mandate.words if standing.mandate else standing.words) if saves else "",
        mandate_version=queries.MANDATE_VERSION if saves else "",
        return_path=portal_path("invoices:show", invoice.pk),
    )
    if saves:
        autopay.agree(invoice, client=client, payment=payment, trail=trail)
    return payment


def _saves(invoice: Invoice, chosen: Choice, standing: queries.Standing, wanted: bool) -> bool:
    """Whether the card is kept with this payment: for parts that are left, or for invoices to come."""
    if not standing.is_offered or (chosen.minor >= invoice.due_minor and not standing.covers_all):
        return False
    if standing.is_on:  # agreed to already: kept only in place of a card that cannot be charged any more
        return standing.is_waiting_for_card
    return wanted or standing.is_required


@transaction.atomic
def report_transfer(
    invoice: Invoice,
    *,
    minor: int,
    paid_on: date,
    client: Client,
    note: str = "",
    proof: Upload | None = None,
    trail: Trail | None = None,
) -> TransferReport:
    """Take down that a client says it has paid by transfer. Money it becomes when staff confirm.

    Raises:
        NotAllowed: this client may see it, not pay it.
        WrongState: nothing is open, or its last report still waits.
        NotValid: amount, day or note.
    """
    if not may_pay(invoice, client):
        raise NotAllowed
    held = hold_issued(invoice)
    if not held.is_open:
        raise WrongState("Nothing is to be paid on this invoice.")
    if held.transfer_reports.filter(client=client, state=TransferReport.State.WAITING).exists():
        raise WrongState("You have told us already. We confirm it as soon as the money is there.")
    if paid_on > current_agency().today():
        raise NotValid("This day is yet to come.", field="paid_on")
    report = TransferReport.objects.create(
        invoice=held,
        client=client,
        minor=amount_of(minor),
        paid_on=paid_on,
        note=storable(note.strip(), "note")[:300],
        proof=proof,
    )
    summary = f"{client} says {format_money(minor, held.currency)} of {held} is paid"
    record("invoices.transfer_reported", held, by=client, summary=summary, **(trail or {}))
    emails.tell_reported(report)
    return report


@transaction.atomic
def confirm_transfer(report: TransferReport, *, by: Staff | None, trail: Trail | None = None) -> Invoice:
    """The money is there: book it. Twice is as good as once.

    Raises:
        WrongState: it was refused meanwhile.
    """
    held = hold_issued(report.invoice)
    report = TransferReport.objects.select_for_update().get(pk=report.pk)
    if report.state == TransferReport.State.CONFIRMED:
        return held
    if report.state == TransferReport.State.REFUSED:
        raise WrongState("This was answered with “not found” already.")
    _answer(report, TransferReport.State.CONFIRMED, by)
    payments.book_transfer(
        payable=held.payable,
        minor=report.minor,
        currency=held.currency,
        client=report.client,
        staff=by,
        note=report.note or "Bank transfer",
        happened_at=clock.now(),
    )
    summary = f"Confirmed {format_money(report.minor, held.currency)} on {held}"
    record("invoices.transfer_confirmed", held, by=by, summary=summary, **(trail or {}))
    return Invoice.objects.get(pk=held.pk)


@transaction.atomic
def refuse_transfer(
    report: TransferReport, *, answer: str, by: Staff | None, trail: Trail | None = None
) -> None:
    """The money is not there: say so to the client, who may report again.

    Raises:
        WrongState: it was confirmed meanwhile.
    """
    held = hold_issued(report.invoice)
    report = TransferReport.objects.select_for_update().get(pk=report.pk)
    if report.state == TransferReport.State.REFUSED:
        return
    if report.state == TransferReport.State.CONFIRMED:
        raise WrongState("This payment is confirmed and booked already.")
    report.answer = storable(answer.strip(), "answer")[:300]
    _answer(report, TransferReport.State.REFUSED, by)
    record("invoices.transfer_refused", held, by=by, summary=f"No transfer found for {held}", **(trail or {}))
    emails.tell_not_found(report)


@transaction.atomic
def mark_paid(
    invoice: Invoice, *, minor: int, note: str, by: Staff | None, client: Client | None = None,
    received_on: date | None = None, trail: Trail | None = None,
) -> Invoice:  # fmt: skip
    """Book money that came outside the portal: transfer, cash, cheque.

    Args:
        received_on: the day on which it came, agency's calendar; None: now.

    Raises:
        NotIssued: a draft cannot be paid.
        NotValid: not an amount, or a day that is yet to come or longer ago than ten years.
    """
    held = hold_issued(invoice)
    payments.book_transfer(
        payable=held.payable,
        minor=amount_of(minor),
        currency=held.currency,
        client=client,
        staff=by,
        note=storable(note.strip(), "note")[:200] or "Bank transfer",
        happened_at=_moment_of(received_on),
    )
    summary = f"Booked {format_money(minor, held.currency)} on {held}"
    record("invoices.marked_paid", held, by=by, summary=summary, **(trail or {}))
    return Invoice.objects.get(pk=held.pk)


def mark_viewed(invoice: Invoice) -> None:
    """Remember that a client has opened it; the first time counts."""
    if invoice.viewed_at is None:
        Invoice.objects.filter(pk=invoice.pk, viewed_at__isnull=True).update(viewed_at=clock.now())


def _moment_of(received_on: date | None) -> datetime:
    """Noon of the day in the agency's zone, so that no zone makes another day of it; today is now."""
    agency = current_agency()
    today = agency.today()
    if received_on is None or received_on == today:
        return clock.now()
    if not today - timedelta(days=3660) <= received_on < today:
        raise NotValid("Choose today or a day before.", field="received_on")
    return datetime.combine(received_on, time(12), tzinfo=agency.tzinfo)


def _answer(report: TransferReport, state: str, by: Staff | None) -> None:
    report.state, report.answered_by, report.answered_at = state, by, clock.now()
    report.save()

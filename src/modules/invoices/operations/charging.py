"""Automatic payment by the clock: announced, charged on the day, tried again, given up.

Nobody is charged without having been told of the day and the amount `notice_days` before, nor ever more than that.
Two jobs at once charge once: payments refuse a second charge while one is under way, and what a refusal means is
written in the transaction that books it, so the next look finds a later day.
"""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Sum

from kit import clock
from kit.refused import Refused, WrongState
from modules.invoices import emails
from modules.invoices.models import Autopay, Invoice, InvoiceSettings
from modules.invoices.operations.checks import hold
from modules.invoices.queries import autopay as queries
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.payments import operations as payments
from portal.payments.models import Payment, PaymentState, SavedMethod
from portal.payments.queries import can_take_cards
from portal.people.models import Staff

FROM_HOUR = 8  # a bank's question should reach nobody at night: in the agency's zone
APART = timedelta(hours=1)  # between two tries by hand
MOST_BY_HAND = 8  # tries of one day of payment; card networks punish more
# Trying the same card again would be refused again: https://docs.stripe.com/declines/codes
FOR_GOOD = frozenset(
    {
        "no_method", "expired_card", "lost_card", "stolen_card", "pickup_card", "invalid_account",
        "card_not_supported", "transaction_not_allowed", "restricted_card", "revocation_of_authorization",
        "revocation_of_all_authorizations", "stop_payment_order", "debit_not_authorized", "mandate_invalid",
        "account_closed", "incorrect_number", "invalid_number", "fraudulent", "resource_missing",
    }
)  # fmt: skip
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Charge:
    """What is asked for: how much, from what, and of which announcement."""

    minor: int
    method: SavedMethod
    parts: list[str]


def charge_due() -> int:
    """Announce what comes, charge what is due; how many were charged. Runs often, charges once for each day."""
    agency = current_agency()
    if agency.is_read_only:
        return 0
    if clock.now().astimezone(agency.tzinfo).hour < FROM_HOUR or not can_take_cards():
        return 0
    today = agency.today()
    return sum(_spared(invoice, today) for invoice in queries.covered(today))


def retry_now(invoice: Invoice, *, by: Staff | None, trail: Trail | None = None) -> Payment:
    """Try at once, by hand. Not inside a transaction: the money is asked for outside ours.

    Raises:
        WrongState: nothing was announced, the card was refused for good, or it was tried too recently.
        portal.payments' own refusals.
    """
    return _ask(invoice, _allow(invoice, by, trail))


def refused(held: Invoice, payment: Payment) -> None:
    """What a refusal of an automatic payment means; once for each, under the invoice's lock."""
    row = Autopay.objects.select_for_update().filter(invoice=held).first()
    if row is None:
        emails.tell_failed(held, payment.client, payment.reason)
        return
    days = InvoiceSettings.load().retry_days
    row.tries, row.reason, row.next_on = row.tries + 1, payment.reason, None
    if payment.reason == "authentication_required":
        row.stopped = Autopay.Stop.CONFIRM
    elif payment.reason in FOR_GOOD:
        row.stopped = Autopay.Stop.CARD
    elif row.tries <= len(days):
        row.next_on = current_agency().today() + timedelta(days=days[row.tries - 1])
    else:
        row.stopped = Autopay.Stop.TRIED
    row.save()
    record("invoices.autopay_refused", held, summary=f"Automatic payment of {held} refused: {payment.reason}")
    emails.tell_not_charged(held, row)


def _spared(invoice: Invoice, today: date) -> int:
    """One that cannot be charged does not stop the others."""
    try:
        due = _due(invoice, today)
        if due is None:
            return 0
        return int(_ask(invoice, due).state == PaymentState.SUCCEEDED)
    except Refused as refusal:
        log.info("invoice %s is not charged: %s", invoice.pk, refusal.words)
        return 0


@transaction.atomic
def _due(invoice: Invoice, today: date) -> Charge | None:
    """Announce what is to be announced; what is to be charged now, if anything."""
    held = hold(invoice)
    standing = queries.standing_of(held)
    method = standing.method
    waits = held.is_processing or held.is_disputed or not held.is_open or held.next_due_on is None
    if waits or not standing.is_on or method is None:
        return None
    if held.transfer_reports.filter(state="waiting").exists() or (
        held.promised_on is not None and held.promised_on >= today
    ):
        return None
    row, _ = Autopay.objects.select_for_update().get_or_create(invoice=held)
    if row.stopped == Autopay.Stop.CARD and row.method_id == method.pk:
        return None  # the same card would be refused again
    if row.due_on != held.next_due_on:
        _announce(held, row, method, today)
        return None
    if row.stopped and row.method_id != method.pk:
        # Another card than the one that was refused: the ladder begins anew.
        row.stopped, row.tries, row.next_on = "", 0, today
        row.save()
    if row.stopped or row.next_on is None or row.next_on > today:
        return None
    minor = _amount(held, row)
    if minor <= 0:  # what was announced has come; what is due now besides is news
        _announce(held, row, method, today)
        return None
    return Charge(minor, _with(row, method), _announced(row))


def _announce(held: Invoice, row: Autopay, method: SavedMethod, today: date) -> None:
    assert held.next_due_on is not None
    notice = InvoiceSettings.load().notice_days
    if today < held.next_due_on - timedelta(days=notice):
        return
    row.due_on, row.noticed_on = held.next_due_on, today
    row.next_on = max(held.next_due_on, today + timedelta(days=notice))
    row.minor = queries.amount_until(held, held.next_due_on)
    row.tries, row.stopped, row.reason = 0, "", ""
    row.save()
    emails.tell_charge_coming(held, row, method)


def _amount(held: Invoice, row: Autopay) -> int:
    assert row.due_on is not None
    came = Payment.objects.filter(payable=held.payable, parts=_announced(row), state=PaymentState.SUCCEEDED)
    left = row.minor - (came.aggregate(sum=Sum("minor"))["sum"] or 0)
    return min(left, queries.amount_until(held, row.due_on))


def _announced(row: Autopay) -> list[str]:
    """What a payment of this announcement carries."""
    return ["autopay", str(row.due_on), str(row.noticed_on)]


def _with(row: Autopay, method: SavedMethod) -> SavedMethod:
    row.method = method
    row.save(update_fields=["method"])
    return method


@transaction.atomic(durable=True)
def _allow(invoice: Invoice, by: Staff | None, trail: Trail | None) -> Charge:
    held = hold(invoice)
    standing = queries.standing_of(held)
    row = Autopay.objects.select_for_update().filter(invoice=held).first()
    if (
        not held.is_open
        or row is None
        or not standing.is_on
        or row.due_on != held.next_due_on
        or not row.tries
    ):
        raise WrongState("There is no refused automatic payment to try again.")
    method, now = standing.method, clock.now()
    if method is None or (row.stopped == Autopay.Stop.CARD and row.method_id == method.pk):
        raise WrongState("This card was refused for good. Your client has been asked for another one.")
    if row.retried_at is not None and now < row.retried_at + APART:
        raise WrongState("It was tried by hand less than an hour ago. Please wait a little.")
    if row.tries >= MOST_BY_HAND:
        raise WrongState("It was refused too often. Ask your client for another way to pay.")
    row.retried_at = now
    row.save(update_fields=["retried_at"])
    record("invoices.autopay_retried", held, by=by, summary=f"Tried to charge {held} again", **(trail or {}))
    minor = _amount(held, row)
    if minor <= 0:
        raise WrongState("There is no refused automatic payment to try again.")
    return Charge(minor, _with(row, method), _announced(row))


def _ask(invoice: Invoice, charge: Charge) -> Payment:
    """Charge outside any transaction of ours."""
    return payments.charge_saved(
        payable=invoice.payable,
        minor=charge.minor,
        currency=invoice.currency,
        client_or_company=invoice.owner,
        parts=charge.parts,
        label=f"{invoice.number} {invoice.title}"[:200],
        client=charge.method.agreed_by,
    )

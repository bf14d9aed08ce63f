"""settle(): fetch what Stripe has, write what is missing.

Webhook, the page after paying and the reconciliation all end here. Any order, any number of times, any number at once:
the ledger and the payment come out the same.
"""

from uuid import UUID

from django.db import transaction

from kit import clock
from kit.money import from_stripe, to_stripe
from portal.payments import concerns, methods
from portal.payments.models import EntryKind, LedgerEntry, Payment, PaymentState, Refund
from portal.payments.payables import Payable, find
from portal.payments.truth import Movement, Truth, fetch
from portal.people.models import Staff

# A later look may only move a payment to the right.
_RANK = {
    PaymentState.CREATED: 0,
    PaymentState.OPEN: 1,
    PaymentState.PROCESSING: 2,
    PaymentState.FAILED: 3,
    PaymentState.EXPIRED: 3,
    PaymentState.CANCELED: 3,
    PaymentState.MISMATCH: 4,
    PaymentState.SUCCEEDED: 5,
}


def settle(payment_uid: UUID | str) -> Payment:
    """Bring one payment, the ledger and its payable up to what Stripe has now.

    Raises:
        Payment.DoesNotExist: there is no such payment in this agency.
        portal.payments.stripe_account.NoCards: the agency's account is not connected.
        stripe.StripeError: Stripe could not be asked; nothing was written.
    """
    payment = Payment.objects.get(uid=payment_uid)
    # Before the transaction: nobody may wait for a lock of ours while we wait for Stripe.
    truth = fetch(payment)
    if truth is None:
        return payment
    return write(payment, truth)


@transaction.atomic
def write(payment: Payment, truth: Truth) -> Payment:
    """Write what is missing of the truth, under the payable's lock."""
    found = find(payment.payable)
    # Everything about one payable happens one after the other, or sums are made of half of it.
    row = found.kind.lock(found.pk)
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    before = locked.state
    if _is_as_asked(locked, truth):
        _book(locked, truth)
        if before == PaymentState.MISMATCH:
            concerns.clear("mismatch", str(locked.uid))
        state = truth.state
    else:
        concerns.note_mismatch(locked, truth)
        state = PaymentState.MISMATCH
    _move(locked, state, truth)
    entries = recompute(found.kind, row, locked.payable)
    concerns.note_disputes(locked, truth)
    concerns.note_excess(locked, found.kind.excess(row, entries))
    if locked.state == PaymentState.FAILED and before != locked.state:
        found.kind.failed(row, locked)
    return locked


def recompute(kind: Payable, row: object, payable: str) -> list[LedgerEntry]:
    """Let the payable follow from its entries; the caller holds its lock."""
    entries = list(LedgerEntry.objects.filter(payable=payable).order_by("happened_at", "pk"))
    kind.recompute(row, entries)
    return entries


def _is_as_asked(payment: Payment, truth: Truth) -> bool:
    wanted = payment.accepted or [to_stripe(payment.minor, payment.currency), payment.currency.lower()]
    amounts = [amount for amount in (truth.asked, truth.received) if amount is not None]
    if payment.accepted:
        # Staff took what came, whatever was asked for.
        amounts = [truth.received] if truth.received else []
    return all(list(amount) == wanted for amount in amounts)


def _book(payment: Payment, truth: Truth) -> None:
    entries = [_entry(payment, movement) for movement in truth.movements]
    # The constraint decides what is new, not a look before: two may be here for different payables.
    LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)
    if payment.save_method and truth.state == PaymentState.SUCCEEDED:
        methods.keep(payment, truth)


def _entry(payment: Payment, movement: Movement) -> LedgerEntry:
    asked = _refund_of(payment, movement.refund_uid)
    staff: Staff | None = asked.staff if asked else None
    currency = payment.accepted[1].upper() if payment.accepted else payment.currency
    return LedgerEntry(
        kind=movement.kind,
        ref=movement.ref,
        payable=payment.payable,
        payment=payment,
        minor=from_stripe(movement.amount, currency),
        currency=currency,
        client=payment.client if movement.kind == EntryKind.CHARGE else None,
        staff=staff,
        happened_at=movement.at,
        note=asked.reason if asked else "",
    )


def _refund_of(payment: Payment, uid: str) -> Refund | None:
    try:
        return payment.refunds.select_related("staff").filter(uid=UUID(uid)).first()
    except ValueError:  # made in Stripe's own dashboard
        return None


def _move(payment: Payment, state: str, truth: Truth) -> None:
    """Forward only: what was fetched earlier may arrive later."""
    now = clock.now()
    payment.looked_at = now
    payment.intent_id = payment.intent_id or truth.intent_id
    if payment.entries.filter(kind=EntryKind.CHARGE).exists():
        state = PaymentState.SUCCEEDED
    if _RANK[PaymentState(state)] > _RANK[PaymentState(payment.state)]:
        payment.state = state
        payment.reason = truth.reason if state in (PaymentState.FAILED, PaymentState.CANCELED) else ""
        payment.settled_at = now if _RANK[PaymentState(state)] >= 3 else None
    payment.save()

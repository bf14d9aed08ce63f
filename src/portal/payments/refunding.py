"""Money that goes back on the card it came from."""

import logging

import stripe
from django.db import transaction
from django.db.models import Sum

from kit.money import format_money, to_stripe
from kit.refused import Refused
from portal.payments.models import LedgerEntry, Payment, Refund
from portal.payments.payables import find
from portal.payments.settling import settle
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Staff

log = logging.getLogger(__name__)


class TooMuch(Refused):
    """More than is left."""

    field = "amount"


class NotRefunded(Refused):
    """Stripe says no."""


def refundable(payment: Payment) -> int:
    """What is left of a payment: its entries, less the refunds that are under way."""
    booked = LedgerEntry.objects.filter(payment=payment).aggregate(sum=Sum("minor"))["sum"] or 0
    seen = LedgerEntry.objects.filter(payment=payment).values("ref")
    underway = payment.refunds.exclude(state=Refund.State.REFUSED).exclude(stripe_id__in=seen)
    return max(0, booked - (underway.aggregate(sum=Sum("minor"))["sum"] or 0))


def refund(payment: Payment, minor: int, reason: str, staff: Staff | None) -> Refund:
    """Commit the wish, ask Stripe, book what came of it.

    Raises:
        TooMuch: more than is left of the payment.
        NotRefunded: Stripe refused; or it did not answer, then it is asked again by itself.
    """
    asked = _commit(payment, minor, reason, staff)
    ask(asked)
    return asked


def ask(asked: Refund) -> None:
    """Ask Stripe for a committed refund; with the same key as often as needed.

    Raises:
        NotRefunded: see `refund`.
    """
    payment = asked.payment
    client, options = stripe_of_agency(f"refund:{asked.uid}")
    metadata = {"refund": str(asked.uid), "payment": str(payment.uid)}
    amount = to_stripe(asked.minor, payment.currency)
    try:
        made = client.v1.refunds.create(
            {"payment_intent": str(payment.intent_id), "amount": amount, "metadata": metadata}, options
        )
    except stripe.InvalidRequestError as error:
        words = (error.user_message or str(error))[:300]
        Refund.objects.filter(pk=asked.pk).update(state=Refund.State.REFUSED, error=words)
        raise NotRefunded(f"Stripe did not accept the refund: {words}") from error
    except stripe.StripeError as error:
        log.warning("refund %s: %s", asked.uid, type(error).__name__)
        raise NotRefunded(
            "Stripe does not answer. The refund is noted, and asked for again within minutes."
        ) from error
    Refund.objects.filter(pk=asked.pk).update(state=Refund.State.DONE, stripe_id=made.id)
    settle(payment.uid)


@transaction.atomic(durable=True)
def _commit(payment: Payment, minor: int, reason: str, staff: Staff | None) -> Refund:
    found = find(payment.payable)
    # Two refunds of the same rest, one after the other.
    found.kind.lock(found.pk)
    left = refundable(payment)
    if not payment.intent_id or not 0 < minor <= left:
        raise TooMuch(f"At most {format_money(left, payment.currency)} can be refunded.")
    try:
        to_stripe(minor, payment.currency)
    except ValueError as error:
        raise TooMuch(f"This amount cannot be refunded: {error}.") from error
    return Refund.objects.create(payment=payment, minor=minor, reason=reason[:300], staff=staff)

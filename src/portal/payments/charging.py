"""Charging a saved way to pay, without the client there."""

from datetime import timedelta
from typing import Any

import stripe
from django.db import transaction

from kit.money import to_stripe
from kit.refused import Refused
from portal.payments.checkout import NoLongerOwed, check_amount, end_older
from portal.payments.models import UNSETTLED, Payment, PaymentState, SavedMethod
from portal.payments.payables import find
from portal.payments.queries import can_take_cards, saved_methods
from portal.payments.settling import settle, write
from portal.payments.stripe_account import NoCards, stripe_of_agency
from portal.payments.truth import Truth
from tenants.gateway.accounts import asked_politely

# Clocks differ a little; a search for an intent begins before its payment.
_EARLIER = timedelta(minutes=10)


class AlreadyUnderWay(Refused):
    """The same part is being charged at this moment."""

    words = "This is being charged at the moment."


def charge(payment: Payment) -> Payment:
    """Commit a new payment and charge the saved way to pay of its company or client.

    Raises:
        AlreadyUnderWay: a payment of the same thing has not ended.
        JustPaid: somebody paid in the portal at this moment.
        NoLongerOwed: less is owed by now.
        NoCards: the agency takes no cards.
        StripeSaidNo: it refused, or does not answer.
    """
    check_amount(payment.minor, payment.currency)
    if not can_take_cards():
        raise NoCards
    owner = payment.company or payment.client
    methods = saved_methods(owner) if owner is not None else []
    payment.client = payment.client or (methods[0].agreed_by if methods else None)
    # A form that is open somewhere must not be paid a second time.
    asked_politely(lambda: end_older(payment.payable))
    _commit(payment)
    if not methods:
        return write(payment, Truth(PaymentState.FAILED, reason="no_method"))
    return ask(payment, methods[0])


def ask(payment: Payment, method: SavedMethod) -> Payment:
    """Ask Stripe for the money and write what came of it."""
    try:
        intent_id = _create(payment, method).id
    except stripe.CardError as error:
        found = getattr(error.error, "payment_intent", None)
        if found is None:
            return write(payment, Truth(PaymentState.FAILED, reason=str(error.code or "card_error")[:300]))
        intent_id = found.id
    except stripe.InvalidRequestError as error:
        return write(payment, Truth(PaymentState.FAILED, reason=str(error.code or "refused")[:300]))
    except stripe.StripeError:
        # It may have arrived or not: the reconciliation looks for it.
        return payment
    Payment.objects.filter(pk=payment.pk).update(intent_id=intent_id, state=PaymentState.OPEN)
    return settle(payment.uid)


def search(payment: Payment) -> str | None:
    """The intent of a payment whose answer we never got, by the uid on it.

    Raises:
        stripe.StripeError: Stripe could not be asked.
    """
    client, options = stripe_of_agency()
    since = int((payment.created_at - _EARLIER).timestamp())
    listed = client.v1.payment_intents.list({"created": {"gte": since}, "limit": 100}, options)
    for intent in listed.auto_paging_iter():
        if intent.to_dict().get("metadata", {}).get("payment") == str(payment.uid):
            return intent.id
    return None


@transaction.atomic(durable=True)
def _commit(payment: Payment) -> None:
    found = find(payment.payable)
    # Under the lock: a job that runs twice must not charge twice.
    row = found.kind.lock(found.pk)
    if Payment.objects.filter(payable=payment.payable, state__in=UNSETTLED).exists():
        raise AlreadyUnderWay
    most = found.kind.most(row)
    if most is not None and payment.minor > most:
        raise NoLongerOwed
    payment.save(force_insert=True)


def _create(payment: Payment, method: SavedMethod) -> Any:
    client, options = stripe_of_agency(f"charge:{payment.uid}")
    wanted: Any = {
        "amount": to_stripe(payment.minor, payment.currency),
        "currency": payment.currency.lower(),
        "customer": method.customer.stripe_id,
        "payment_method": method.stripe_id,
        "off_session": True,
        "confirm": True,
        "description": payment.label,
        "metadata": {"payment": str(payment.uid)},
    }
    return client.v1.payment_intents.create(wanted, options)

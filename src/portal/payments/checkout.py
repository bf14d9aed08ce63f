"""Paying in the portal: a Checkout Session on the agency's account, shown inside our page."""

from contextlib import suppress
from typing import Any

import stripe
from django.db import transaction

from kit.money import to_stripe
from kit.refused import Refused
from portal.links import portal_link
from portal.payments.methods import customer_of
from portal.payments.models import Payment, PaymentState
from portal.payments.queries import can_take_cards
from portal.payments.settling import settle
from portal.payments.stripe_account import NoCards, stripe_of_agency
from tenants.agencies.current import current_agency
from tenants.gateway.accounts import asked_politely

_STILL_OPEN = (PaymentState.CREATED, PaymentState.OPEN)


class NotPayable(Refused):
    """An amount that cannot be paid by card."""

    words = "This amount cannot be paid by card."
    field = "minor"


class JustPaid(Refused):
    """Another tab or another person was faster."""

    words = "A payment has just been made. Please look at what is left to pay."


def begin(payment: Payment) -> Payment:
    """Commit a new payment and open its session.

    Raises:
        Refused: see `operations.start_checkout`.
    """
    check_amount(payment.minor, payment.currency)
    if not can_take_cards():
        raise NoCards
    asked_politely(lambda: end_older(payment.payable))
    with transaction.atomic(durable=True):  # its key must survive whatever happens while Stripe is asked
        payment.save(force_insert=True)
    try:
        session = asked_politely(lambda: _create(payment))
    except Refused as refused:
        # Stripe replays its errors: the next try is another row.
        Payment.objects.filter(pk=payment.pk, session_id=None).update(
            state=PaymentState.FAILED, reason=refused.words[:300]
        )
        raise
    Payment.objects.filter(pk=payment.pk).update(session_id=session.id, state=PaymentState.OPEN)
    payment.refresh_from_db()
    return payment


def end_older(payable: str) -> None:
    """Expire what is still open, so that two tabs do not pay twice.

    Raises:
        JustPaid: one of them has been paid meanwhile.
        stripe.StripeError: Stripe could not be asked.
    """
    older = Payment.objects.filter(payable=payable, state__in=_STILL_OPEN).exclude(session_id=None)
    for payment in older:
        client, options = stripe_of_agency()
        # Refused when it is paid or expired already: the look below tells which.
        with suppress(stripe.InvalidRequestError):
            client.v1.checkout.sessions.expire(str(payment.session_id), {}, options)
        if settle(payment.uid).state in (PaymentState.PROCESSING, PaymentState.SUCCEEDED):
            raise JustPaid


def secret_of(payment: Payment) -> tuple[str, str]:
    """The session's status and, while it is open, the secret with which the browser shows it.

    Raises:
        stripe.StripeError: Stripe could not be asked.
        NoCards: the agency's account is not connected.
    """
    client, options = stripe_of_agency()
    session = client.v1.checkout.sessions.retrieve(str(payment.session_id), {}, options)
    return str(session.status), session.client_secret or ""


def check_amount(minor: int, currency: str) -> None:
    """Whether a card can be charged with it.

    Raises:
        NotPayable: nothing or less, or finer than Stripe takes it.
    """
    if minor <= 0:
        raise NotPayable
    try:
        to_stripe(minor, currency)
    except ValueError as error:
        raise NotPayable(f"This amount cannot be paid by card: {error}.") from error


def _create(payment: Payment) -> Any:
    metadata = {"payment": str(payment.uid)}
    product = {"name": payment.label}
    amount = to_stripe(payment.minor, payment.currency)
    price = {"currency": payment.currency.lower(), "unit_amount": amount, "product_data": product}
    intent: dict[str, Any] = {"metadata": metadata, "description": payment.label}
    wanted: dict[str, Any] = {
        "mode": "payment",
        "ui_mode": "embedded_page",
        "return_url": portal_link(current_agency(), "payments:done", payment.uid),
        "client_reference_id": str(payment.uid),
        "metadata": metadata,
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": intent,
    }
    owner = payment.company or payment.client
    if payment.save_method and owner is not None:
        intent["setup_future_usage"] = "off_session"
        wanted["customer"] = customer_of(owner).stripe_id
    elif payment.client is not None:
        wanted["customer_email"] = payment.client.email
    client, options = stripe_of_agency(f"checkout:{payment.uid}")
    params: Any = wanted
    return client.v1.checkout.sessions.create(params, options)

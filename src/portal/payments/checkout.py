"""Paying in the portal: a Checkout Session on the agency's account, shown inside our page."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import stripe
from django.db import transaction

from kit import clock
from kit.money import to_stripe
from kit.refused import Refused
from portal.links import portal_link
from portal.payments.methods import customer_of
from portal.payments.models import UNSETTLED, Payment, PaymentState
from portal.payments.payables import find
from portal.payments.queries import can_take_cards
from portal.payments.settling import settle
from portal.payments.stripe_account import NoCards, stripe_of_agency
from portal.people.models import Client
from tenants.agencies.current import current_agency
from tenants.gateway.accounts import asked_politely

_STILL_OPEN = (PaymentState.CREATED, PaymentState.OPEN)
_OVER_WITHOUT_MONEY = (PaymentState.EXPIRED, PaymentState.FAILED, PaymentState.CANCELED)
# What is owed changes: late fees, credit notes, a colleague who pays. An old form would ask for an old amount.
OPEN_FOR = timedelta(hours=2)


class NotPayable(Refused):
    """An amount that cannot be paid by card."""

    words = "This amount cannot be paid by card."
    field = "minor"


class JustPaid(Refused):
    """Another tab or another person was faster."""

    words = "A payment has just been made. Please look at what is left to pay."


class BeingCharged(Refused):
    """A saved way to pay is being charged for it at this moment."""

    words = "This is being charged to your saved way to pay at this moment. Please look again in a minute."


class NoLongerOwed(Refused):
    """Less is to be paid now than was then."""

    words = "What is to be paid has changed since then. Please look at it and choose again."


def begin(payment: Payment) -> Payment:
    """Commit a new payment and open its session.

    Raises:
        Refused: see `operations.start_checkout`.
    """
    check_amount(payment.minor, payment.currency)
    if not can_take_cards():
        raise NoCards
    asked_politely(lambda: end_older(payment.payable))
    _commit(payment)
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


def again(payment: Payment, *, client: Client) -> Payment:
    """The same once more, after it expired or failed: a new attempt with a session of its own.

    Raises:
        NoLongerOwed: it was paid after all, or by another way meanwhile.
        Refused: see `operations.start_checkout`.
    """
    if settle(payment.uid).state not in _OVER_WITHOUT_MONEY:
        raise NoLongerOwed
    same = ("payable", "company", "minor", "currency", "parts", "label", "save_method", "mandate_words",
            "mandate_version", "return_path")  # fmt: skip
    return begin(Payment(client=client, **{name: getattr(payment, name) for name in same}))


def end_stale(payment: Payment) -> None:
    """Expire the session of a form that was open for too long.

    Raises:
        NoCards, stripe.StripeError: Stripe could not be asked.
    """
    if payment.way != Payment.Way.CHECKOUT or payment.created_at > clock.now() - OPEN_FOR:
        return
    client, options = stripe_of_agency()
    with suppress(stripe.InvalidRequestError):  # paid or expired already
        client.v1.checkout.sessions.expire(str(payment.session_id), {}, options)


@transaction.atomic(durable=True)
def _commit(payment: Payment) -> None:
    """Its key must survive whatever happens while Stripe is asked."""
    found = find(payment.payable)
    # Under the lock: at the same moment the job may begin to charge what is saved.
    row = found.kind.lock(found.pk)
    charged = Payment.objects.filter(payable=payment.payable, way=Payment.Way.SAVED, state__in=UNSETTLED)
    if charged.exists():
        raise BeingCharged
    most = found.kind.most(row)
    if most is not None and payment.minor > most:
        raise NoLongerOwed
    payment.save(force_insert=True)


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
        wanted["customer"] = customer_of(
            owner, email=payment.client.email if payment.client else ""
        ).stripe_id
    elif payment.client is not None:
        wanted["customer_email"] = payment.client.email
    client, options = stripe_of_agency(f"checkout:{payment.uid}")
    params: Any = wanted
    return client.v1.checkout.sessions.create(params, options)

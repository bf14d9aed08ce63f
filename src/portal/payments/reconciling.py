"""Whatever webhooks missed: open payments are looked at again, and the ledger is compared with Stripe's own lists."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import stripe
from django.core.exceptions import ValidationError
from django.db.models import F, Sum

from kit import clock
from kit.money import to_stripe
from kit.refused import Refused
from portal.payments import charging, checkout, concerns, refunding, saving
from portal.payments.models import (
    UNSETTLED,
    Concern,
    EntryKind,
    LedgerEntry,
    Payment,
    PaymentState,
    Refund,
)
from portal.payments.settling import settle, write
from portal.payments.stripe_account import NoCards, stripe_of_agency
from portal.payments.truth import Truth
from tenants.agencies.current import current_agency, outside_agencies
from tenants.gateway.client import is_configured
from tenants.gateway.models import ConnectAccount

AT_ONCE = 300
# A request to Stripe is over by then, its retries included.
ANSWERED_BY = timedelta(minutes=2)
# After so long nobody can have seen a session that we know nothing of.
GIVEN_UP = timedelta(hours=1)
COMPARED = timedelta(days=35)
log = logging.getLogger(__name__)


def reconcile() -> int:
    """Settle what is not settled; how many changed. One that cannot be read does not stop the others."""
    if not is_configured():
        return 0
    saving.finish_open()
    return _refunds() + sum(_each(payment) for payment in _open())


def compare() -> int:
    """Compare the last weeks with Stripe's own list; how many movements differed. What was missing is booked;
    what is too much waits for a person.

    Raises:
        stripe.StripeError: Stripe could not be asked.
    """
    try:
        paid = _paid_at_stripe()
    except NoCards:
        return 0
    drift = sum(_differs(uid, intent) for uid, intent in paid.items()) + _too_much(paid)
    agency = current_agency()
    with outside_agencies():
        ours = ConnectAccount.objects.filter(agency=agency.id)
        ours.update(drift=drift, compared_at=clock.now())
    if drift:
        log.warning("agency %s: %s movements differ from Stripe", agency.slug, drift)
    return drift


def _open() -> list[Payment]:
    waiting = Payment.objects.filter(state__in=UNSETTLED, created_at__lte=clock.now() - ANSWERED_BY)
    return list(waiting.order_by(F("looked_at").asc(nulls_first=True))[:AT_ONCE])


def _each(payment: Payment) -> bool:
    before = payment.state
    return _spared(lambda: _look(payment).state != before, f"payment {payment.uid}")


def _look(payment: Payment) -> Payment:
    if payment.session_id:
        checkout.end_stale(payment)
    if payment.session_id or payment.intent_id:
        return settle(payment.uid)
    if payment.way == Payment.Way.SAVED and (intent_id := charging.search(payment)):
        Payment.objects.filter(pk=payment.pk, intent_id=None).update(intent_id=intent_id)
        return settle(payment.uid)
    if payment.created_at <= clock.now() - GIVEN_UP:
        return write(payment, Truth(PaymentState.FAILED, reason="not_reached"))
    return payment


def _refunds() -> int:
    asked = Refund.objects.filter(state=Refund.State.ASKED, created_at__lte=clock.now() - ANSWERED_BY)
    return sum(_ask_again(one) for one in asked.select_related("payment")[:AT_ONCE])


def _ask_again(asked: Refund) -> bool:
    def ask() -> bool:
        refunding.ask(asked)
        return True

    return _spared(ask, f"refund {asked.uid}")


def _spared(call: Callable[[], bool], what: str) -> bool:
    try:
        return call()
    except (stripe.StripeError, Refused) as error:
        log.warning("%s: %s", what, type(error).__name__)
        return False


def _paid_at_stripe() -> dict[str, dict[str, Any]]:
    """Succeeded intents that we began, by our uid on them."""
    client, options = stripe_of_agency()
    since = int((clock.now() - COMPARED).timestamp())
    wanted: Any = {"created": {"gte": since}, "limit": 100, "expand": ["data.latest_charge"]}
    listed = client.v1.payment_intents.list(wanted, options)
    intents = [intent.to_dict(for_json=True) for intent in listed.auto_paging_iter()]
    ours = [i for i in intents if i["status"] == "succeeded" and (i.get("metadata") or {}).get("payment")]
    return {i["metadata"]["payment"]: i for i in ours}


def _differs(uid: str, intent: dict[str, Any]) -> bool:
    try:
        payment = Payment.objects.filter(uid=uid).first()
    except ValidationError:  # somebody else's word under our name
        return False
    if payment is None or payment.state == PaymentState.MISMATCH:
        return False  # not ours after all, or waiting for a person already
    if _net(payment) == _net_at_stripe(intent):
        return False
    Payment.objects.filter(pk=payment.pk, intent_id=None).update(intent_id=intent["id"])
    _spared(lambda: bool(settle(payment.uid)), f"payment {uid}")
    if _net(payment) != _net_at_stripe(intent):
        _note(payment, intent["id"], "The ledger and Stripe have other amounts for")
    return True


def _net(payment: Payment) -> int:
    """Charges less refunds in the ledger, as Stripe counts."""
    kinds = [EntryKind.CHARGE, EntryKind.REFUND, EntryKind.REFUND_FAILED]
    booked = payment.entries.filter(kind__in=kinds).aggregate(sum=Sum("minor"))["sum"] or 0
    return to_stripe(booked, payment.currency)


def _net_at_stripe(intent: dict[str, Any]) -> int:
    charge = intent.get("latest_charge")
    refunded = charge.get("amount_refunded", 0) if isinstance(charge, dict) else 0
    return int(intent["amount_received"]) - int(refunded or 0)


def _too_much(paid: dict[str, dict[str, Any]]) -> int:
    """Charges in the ledger that Stripe does not have at all."""
    since = clock.now() - COMPARED + timedelta(days=1)
    charges = LedgerEntry.objects.filter(kind=EntryKind.CHARGE, happened_at__gte=since)
    strange = charges.exclude(payment__way=Payment.Way.ADOPTED).exclude(
        ref__in=[i["id"] for i in paid.values()]
    )
    for entry in strange.select_related("payment"):
        _note(entry.payment, entry.ref, "Stripe has no payment")
    return len(strange)


def _note(payment: Payment | None, ref: str, what: str) -> None:
    concerns.note(Concern.Kind.DRIFT, ref, payment=payment, note=f"{what} {ref}.")

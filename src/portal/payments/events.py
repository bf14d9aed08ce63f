"""Which payment an event is about; then it is settled as from everywhere else."""

from typing import Any
from uuid import UUID

from portal.payments import methods, saving
from portal.payments.inbox import hears
from portal.payments.models import Payment, Saving
from portal.payments.settling import settle


@hears("checkout.session.")
def session_changed(session: dict[str, Any]) -> None:
    """Completed, expired, paid late or failed late."""
    saved = Saving.objects.filter(session_id=session.get("id") or None).first()
    if saved is not None:
        saving.finish(saved.uid)
        return
    _settle(Payment.objects.filter(session_id=session.get("id") or None).first() or _named(session))


@hears("payment_intent.")
def intent_changed(intent: dict[str, Any]) -> None:
    """Succeeded, failed, processing, cancelled."""
    _settle(Payment.objects.filter(intent_id=intent.get("id") or None).first() or _named(intent))


@hears("payment_method.")
def method_changed(method: dict[str, Any]) -> None:
    """Attached by a subscription's checkout, detached in Stripe's own dashboard, a card that was renewed."""
    if method.get("id"):
        methods.follow(str(method["id"]))


@hears("charge.")
@hears("refund.")
def charge_changed(thing: dict[str, Any]) -> None:
    """Refunds, disputes and charges all name the intent that they belong to."""
    intent = thing.get("payment_intent")
    intent_id = intent.get("id") if isinstance(intent, dict) else intent
    if intent_id:
        _settle(Payment.objects.filter(intent_id=intent_id).first() or _named(thing))


def _named(thing: dict[str, Any]) -> Payment | None:
    """The payment whose uid we wrote on it. Within this agency's account only, and its amount is compared."""
    metadata = thing.get("metadata") or {}
    try:
        uid = UUID(str(metadata.get("payment", "")))
    except ValueError:
        return None
    return Payment.objects.filter(uid=uid).first()


def _settle(payment: Payment | None) -> None:
    if payment is not None:
        settle(payment.uid)

"""What Stripe has of one payment, fetched now: the only thing that is ever booked from.

The movements are a function of Stripe's present state alone, so it does not matter when or how often one looks.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stripe

from portal.payments.models import EntryKind, Payment, PaymentState
from portal.payments.stripe_account import stripe_of_agency

# An inquiry takes no money yet; https://docs.stripe.com/disputes/how-disputes-work.
_NO_MONEY_TAKEN = frozenset({"warning_needs_response", "warning_under_review", "warning_closed", "prevented"})
_RETURNED = "failed"


@dataclass(frozen=True)
class Movement:
    """One ledger entry to be; `amount` as Stripe has it, signed."""

    kind: EntryKind
    ref: str
    amount: int
    at: datetime
    refund_uid: str = ""


@dataclass(frozen=True)
class Dispute:
    """A client's bank asks for the money back."""

    id: str
    amount: int
    status: str
    due_by: datetime | None

    @property
    def is_over(self) -> bool:
        return self.status in ("won", "lost", "warning_closed", "prevented")


@dataclass(frozen=True)
class Truth:
    """A payment as Stripe has it."""

    state: str
    intent_id: str | None = None
    asked: tuple[int, str] | None = None  # what the session or the intent is about: amount, currency
    received: tuple[int, str] | None = None
    movements: tuple[Movement, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    reason: str = ""
    method: dict[str, Any] = field(default_factory=dict)
    customer_id: str = ""


def fetch(payment: Payment) -> Truth | None:
    """Ask Stripe; None when it knows nothing of this payment (yet).

    Raises:
        NoCards: the agency's account is not connected (any more).
        stripe.StripeError: it could not be asked.
    """
    if payment.session_id:
        return _of_session(payment.session_id)
    if payment.intent_id:
        return _of_intent(_intent(payment.intent_id))
    return None


def _of_session(session_id: str) -> Truth:
    client, options = stripe_of_agency()
    expand: Any = {"expand": ["payment_intent.latest_charge", "payment_intent.payment_method"]}
    session = client.v1.checkout.sessions.retrieve(session_id, expand, options).to_dict(for_json=True)
    asked = (int(session.get("amount_total") or 0), str(session.get("currency") or ""))
    intent = session.get("payment_intent")
    if isinstance(intent, dict):
        found = _of_intent(intent, is_over=session["status"] == "complete")
        unpaid = (PaymentState.OPEN, PaymentState.FAILED, PaymentState.CANCELED)
        is_expired = session["status"] == "expired" and found.state in unpaid
        return _with(found, asked=asked, state=PaymentState.EXPIRED if is_expired else found.state)
    if session["status"] == "expired":
        return Truth(PaymentState.EXPIRED, asked=asked)
    is_paid_later = session["status"] == "complete" and session.get("payment_status") == "unpaid"
    return Truth(PaymentState.PROCESSING if is_paid_later else PaymentState.OPEN, asked=asked)


def _intent(intent_id: str) -> dict[str, Any]:
    client, options = stripe_of_agency()
    expand: Any = {"expand": ["latest_charge", "payment_method"]}
    return client.v1.payment_intents.retrieve(intent_id, expand, options).to_dict(for_json=True)


def _of_intent(intent: dict[str, Any], *, is_over: bool = True) -> Truth:
    """`is_over`: the client cannot try again by itself (no open Checkout), so a refusal is a failure."""
    common: dict[str, Any] = {
        "intent_id": intent["id"],
        "asked": (intent["amount"], intent["currency"]),
        "reason": _reason(intent),
        "method": _object(intent.get("payment_method")),
        "customer_id": _id(intent.get("customer")),
    }
    status = intent["status"]
    if status == "succeeded":
        received = (int(intent["amount_received"]), intent["currency"])
        disputes = _disputes(intent)
        movements = (_charge(intent), *_refunds(intent), *_taken(disputes))
        shown = tuple(_dispute(d) for d in disputes)
        return Truth(PaymentState.SUCCEEDED, **common, received=received, movements=movements, disputes=shown)
    if status == "processing":
        return Truth(PaymentState.PROCESSING, **common)
    if status == "canceled":
        return Truth(PaymentState.CANCELED, **common)
    has_failed = status == "requires_payment_method" and bool(intent.get("last_payment_error"))
    if is_over and (has_failed or status == "requires_action"):
        return Truth(PaymentState.FAILED, **common)
    return Truth(PaymentState.OPEN, **common)


def _charge(intent: dict[str, Any]) -> Movement:
    charge = _object(intent.get("latest_charge"))
    at = charge.get("created") or intent["created"]
    return Movement(EntryKind.CHARGE, intent["id"], int(intent["amount_received"]), _moment(at))


def _refunds(intent: dict[str, Any]) -> list[Movement]:
    client, options = stripe_of_agency()
    listed = client.v1.refunds.list({"payment_intent": intent["id"], "limit": 100}, options)
    found = []
    for refund in (one.to_dict(for_json=True) for one in listed.auto_paging_iter()):
        if refund["status"] not in ("succeeded", _RETURNED):
            continue  # pending ones are told of when they are through
        at, amount = _moment(refund["created"]), int(refund["amount"])
        uid = str((refund.get("metadata") or {}).get("refund", ""))
        found.append(Movement(EntryKind.REFUND, refund["id"], -amount, at, uid))
        if refund["status"] == _RETURNED:
            # Both rows, even if it had failed before we first looked: the order of looks must not matter.
            found.append(Movement(EntryKind.REFUND_FAILED, refund["id"], amount, at, uid))
    return found


def _disputes(intent: dict[str, Any]) -> list[dict[str, Any]]:
    if not _object(intent.get("latest_charge")).get("disputed"):
        return []
    client, options = stripe_of_agency()
    listed = client.v1.disputes.list({"payment_intent": intent["id"], "limit": 100}, options)
    return [one.to_dict(for_json=True) for one in listed.auto_paging_iter()]


def _taken(disputes: list[dict[str, Any]]) -> list[Movement]:
    found = []
    for dispute in disputes:
        if dispute["status"] in _NO_MONEY_TAKEN:
            continue
        at, amount = _moment(dispute["created"]), int(dispute["amount"])
        found.append(Movement(EntryKind.DISPUTE, dispute["id"], -amount, at))
        if dispute["status"] == "won":
            found.append(Movement(EntryKind.DISPUTE_WON, dispute["id"], amount, at))
    return found


def _dispute(found: dict[str, Any]) -> Dispute:
    due = (found.get("evidence_details") or {}).get("due_by")
    return Dispute(found["id"], int(found["amount"]), found["status"], _moment(due) if due else None)


def _reason(intent: dict[str, Any]) -> str:
    error = intent.get("last_payment_error") or {}
    if not error and intent["status"] == "requires_action":
        return "authentication_required"
    return str(error.get("decline_code") or error.get("code") or "")[:300]


def _with(found: Truth, **changes: Any) -> Truth:
    return Truth(**{**vars(found), **changes})


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _id(found: Any) -> str:
    return str(found.get("id", "")) if isinstance(found, dict) else str(found or "")


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


__all__ = ["Dispute", "Movement", "Truth", "fetch", "stripe"]

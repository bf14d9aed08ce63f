"""Refunds and disputes."""

from __future__ import annotations

from infra.stripe_simulator import cards, judge
from infra.stripe_simulator.changes import change
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.lists import readable
from infra.stripe_simulator.paying import movement
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object

SETTLING = "settle refund"
DISPUTE_FEE = 1500
WEEK = 7 * 86_400


@route("POST", "/v1/refunds", "charge payment_intent amount reason metadata refund_application_fee")
def create(merchant: Merchant, params: Object) -> Object:
    """Gives back all of a charge, or a part."""
    charge = _charge_of(merchant, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if left <= 0:
        raise refused(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if charge["disputed"]:
        raise refused(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed"
        )
    if charge["status"] != "succeeded":
        raise refused(f"Charge {charge['id']} did not succeed; there is nothing to refund.")
    if not 0 < amount <= left:
        words = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise refused(words if amount > 0 else "Invalid positive integer", param="amount")
    return _make(merchant, charge, amount, params)


def _charge_of(merchant: Merchant, params: Object) -> Object:
    if "charge" in params:
        return merchant.get("charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise refused(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    intent = merchant.get("payment_intent", params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        words = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise refused(words, "payment_intent_unexpected_state", "payment_intent")
    return merchant.get("charge", intent["latest_charge"])


def _make(merchant: Merchant, charge: Object, amount: int, params: Object) -> Object:
    later = cards.means_of(merchant, charge["payment_method"]).later
    refund = merchant.new(
        "refund",
        "re",
        amount=amount,
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        currency=charge["currency"],
        status="pending" if later == "refund_pends" else "succeeded",
        reason=params.get("reason"),
        metadata=params.get("metadata") or {},
    )
    refund["balance_transaction"] = movement(merchant, "refund", refund, -amount)["id"]
    _count(charge, amount)
    if later.startswith("refund"):
        merchant.world.pending[refund["id"]] = [merchant.account, SETTLING]
    merchant.emit("refund.created", refund)
    merchant.emit("charge.refunded", charge)
    return refund


def _count(charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def settle(merchant: Merchant, refund: Object) -> str:
    """The bank has answered: the refund arrived, or it came back."""
    charge = merchant.get("charge", refund["charge"])
    if cards.means_of(merchant, charge["payment_method"]).later != "refund_fails":
        refund["status"] = "succeeded"
        merchant.emit("refund.updated", refund, {"status": "pending"})
        return "succeeded"
    return fail(merchant, refund)


def fail(merchant: Merchant, refund: Object) -> str:
    """A refund comes back: the money is with the merchant again."""
    charge = merchant.get("charge", refund["charge"])
    back = movement(merchant, "refund_failure", refund, refund["amount"])["id"]
    before = {"status": refund["status"]}
    refund |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": back,
    }
    _count(charge, -refund["amount"])
    merchant.emit("refund.updated", refund, before)
    merchant.emit("refund.failed", refund)
    return "failed"


@route("POST", "/v1/refunds/{identifier}", "metadata")
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes a refund's metadata."""
    refund = merchant.get("refund", identifier)
    merchant.emit("refund.updated", refund, change(refund, params))
    return refund


def open_dispute(merchant: Merchant, charge: Object, reason: str = "fraudulent") -> Object:
    """The card's owner wants the money back; it is taken at once, with a fee."""
    dispute = merchant.new(
        "dispute",
        "du",
        amount=charge["amount"],
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    dispute["evidence_details"]["due_by"] = merchant.now() + WEEK
    _withdraw(merchant, dispute, -charge["amount"], DISPUTE_FEE)
    charge["disputed"] = True
    merchant.emit("charge.dispute.created", dispute)
    merchant.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(merchant: Merchant, dispute: Object, *, won: bool) -> Object:
    """The bank has decided; a merchant who won gets the amount back."""
    if dispute["status"] in ("won", "lost"):
        raise refused(f"This dispute is already {dispute['status']}.")
    dispute["status"] = "won" if won else "lost"
    if won:
        _withdraw(merchant, dispute, dispute["amount"], 0)
        merchant.emit("charge.dispute.funds_reinstated", dispute)
    merchant.emit("charge.dispute.closed", dispute)
    return dispute


def _withdraw(merchant: Merchant, dispute: Object, amount: int, fee: int) -> None:
    moved = movement(merchant, "adjustment", dispute, amount, fee)
    part = judge.blank("balance_transaction")
    dispute["balance_transactions"].append({key: moved[key] for key in part})


@route("POST", "/v1/disputes/{identifier}", "evidence submit metadata")
def answer_dispute(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Evidence. As at Stripe in test mode the words winning_evidence and losing_evidence decide at once."""
    dispute = merchant.get("dispute", identifier)
    evidence = params.get("evidence") or {}
    dispute["evidence"] |= evidence
    dispute["metadata"] |= params.get("metadata") or {}
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if params.get("submit", True) and evidence:
        details["submission_count"] += 1
        dispute["status"] = "under_review"
        text = evidence.get("uncategorized_text", "")
        if text in ("winning_evidence", "losing_evidence"):
            return close_dispute(merchant, dispute, won=text == "winning_evidence")
    merchant.emit("charge.dispute.updated", dispute)
    return dispute


@route("POST", "/v1/disputes/{identifier}/close")
def accept_dispute(merchant: Merchant, params: Object, identifier: str) -> Object:
    """The merchant gives in."""
    return close_dispute(merchant, merchant.get("dispute", identifier), won=False)


readable("refund", "refunds", "charge", "payment_intent")
readable("dispute", "disputes", "charge", "payment_intent")

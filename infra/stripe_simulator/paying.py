"""A payment intent is paid, declined, asked for authentication, or left waiting for a bank."""

from __future__ import annotations

import copy
from typing import Any

from infra.stripe_simulator import cards, judge
from infra.stripe_simulator.errors import StripeError
from infra.stripe_simulator.world import PLATFORM, Merchant, Object, identifier

SETTLING = "settle intent"
TWO_DAYS = 2 * 86_400


def new_intent(merchant: Merchant, **values: Any) -> Object:
    """A payment intent that waits for a means of payment."""
    intent = merchant.new(
        "payment_intent",
        "pi",
        **{"payment_method_types": ["card"], "status": "requires_payment_method", **values},
    )
    intent["client_secret"] = identifier(f"{intent['id']}_secret", 16)
    merchant.emit("payment_intent.created", intent)
    return intent


def attempt(
    merchant: Merchant, intent: Object, method: str, *, off_session: bool = False, authenticated: bool = False
) -> str:
    """Tries to collect; the intent's status afterwards says how it went."""
    means = cards.means_of(merchant, method)
    intent["payment_method"] = method
    intent["next_action"] = None
    if cards.wants_authentication(merchant, method, done=authenticated):
        if off_session:
            return _fail(merchant, intent, "authentication_required")
        intent["status"] = "requires_action"
        intent["next_action"] = judge.blank_part("payment_intent", "NextAction", type="use_stripe_sdk")
        intent["next_action"]["use_stripe_sdk"] = {"type": "three_d_secure_redirect"}
        merchant.emit("payment_intent.requires_action", intent)
        return "requires_action"
    if means.kind == "sepa_debit":
        return _wait_for_bank(merchant, intent)
    if means.decline:
        return _fail(merchant, intent, means.decline)
    if authenticated and intent["setup_future_usage"]:
        merchant.hidden(method)["authenticated"] = True
    return _succeed(merchant, intent, _charge(merchant, intent))


def raise_if_declined(merchant: Merchant, intent: Object) -> None:
    """402 with the intent inside, as the API answers a declined confirmation."""
    error = intent["last_payment_error"]
    if intent["status"] == "requires_payment_method" and error:
        more = {key: error[key] for key in ("code", "decline_code", "charge")}
        inside = copy.deepcopy(intent)
        method = copy.deepcopy(error["payment_method"])
        raise StripeError(
            402, "card_error", error["message"], **more, payment_intent=inside, payment_method=method
        )


def settle(merchant: Merchant, intent: Object) -> str:
    """The bank has answered a direct debit."""
    if intent["status"] != "processing":
        return str(intent["status"])
    charge = merchant.get("charge", intent["latest_charge"])
    means = cards.means_of(merchant, intent["payment_method"])
    if means.decline:
        return _fail(merchant, intent, means.decline, charge)
    return _succeed(merchant, intent, charge)


def _charge(merchant: Merchant, intent: Object) -> Object:
    method = merchant.get("payment_method", intent["payment_method"])
    details = judge.blank_part("charge", "PaymentMethodDetails", type=method["type"])
    names = {"card": "Card", "sepa_debit": "SepaDebit"}
    part = judge.blank_part("charge", "PaymentMethodDetails", names[method["type"]])
    details[method["type"]] = part | {
        key: value for key, value in method[method["type"]].items() if key in part
    }
    if method["type"] == "card":
        details["card"] |= {"checks": None, "three_d_secure": None, "wallet": None}
    charge = merchant.new(
        "charge",
        "ch",
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        payment_method_details=details,
        billing_details=copy.deepcopy(method["billing_details"]),
        metadata=dict(intent["metadata"]),
        description=intent["description"],
        receipt_email=intent["receipt_email"],
        application_fee_amount=intent["application_fee_amount"],
    )
    intent["latest_charge"] = charge["id"]
    return charge


def _fail(merchant: Merchant, intent: Object, decline: str, charge: Object | None = None) -> str:
    charge = charge or _charge(merchant, intent)
    words, code = cards.words_of(decline), cards.code_of(decline)
    charge |= {
        "status": "failed",
        "paid": False,
        "captured": False,
        "failure_code": code,
        "failure_message": words,
    }
    intent["last_payment_error"] = judge.blank_part(
        "payment_intent",
        "LastPaymentError",
        type="card_error",
        code=code,
        decline_code=decline if code != decline or decline == "authentication_required" else None,
        message=words,
        charge=charge["id"],
        payment_method=copy.deepcopy(merchant.get("payment_method", intent["payment_method"])),
    )
    intent |= {"status": "requires_payment_method", "payment_method": None}
    merchant.emit("charge.failed", charge)
    merchant.emit("payment_intent.payment_failed", intent)
    return "requires_payment_method"


def _wait_for_bank(merchant: Merchant, intent: Object) -> str:
    charge = _charge(merchant, intent)
    charge["status"] = "pending"
    intent["status"] = "processing"
    merchant.emit("charge.pending", charge)
    merchant.emit("payment_intent.processing", intent)
    merchant.world.pending[intent["id"]] = [merchant.account, SETTLING]
    return "processing"


def _succeed(merchant: Merchant, intent: Object, charge: Object) -> str:
    amount = intent["amount"]
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": amount}
    charge["receipt_url"] = f"{merchant.world.base}/receipts/{merchant.account}/{charge['id']}"
    charge["outcome"] = judge.blank_part(
        "charge", "Outcome", type="authorized", network_status="approved_by_network"
    )
    fee = intent["application_fee_amount"] or 0
    charge["balance_transaction"] = movement(merchant, "charge", charge, amount, fee)["id"]
    if fee:
        charge["application_fee"] = _platform_fee(merchant, charge, fee)
    intent |= {"status": "succeeded", "amount_received": amount, "last_payment_error": None}
    merchant.emit("charge.succeeded", charge)
    merchant.emit("payment_intent.succeeded", intent)
    if cards.means_of(merchant, intent["payment_method"]).later == "dispute":
        from infra.stripe_simulator.answers.refunds import open_dispute

        open_dispute(merchant, charge)
    return "succeeded"


def movement(merchant: Merchant, kind: str, source: Object, amount: int, fee: int = 0) -> Object:
    """A balance transaction; `fee` is the platform's, Stripe's own (2.9 % + 30) comes on top for a charge."""
    own = amount * 29 // 1000 + 30 if kind == "charge" else 0
    return merchant.new(
        "balance_transaction",
        "txn",
        amount=amount,
        currency=source["currency"],
        fee=own + fee,
        net=amount - own - fee,
        type=kind,
        source=source["id"],
        status="pending",
        balance_type="payments",
        available_on=merchant.now() + TWO_DAYS,
        reporting_category=kind,
    )


def _platform_fee(merchant: Merchant, charge: Object, amount: int) -> str:
    platform = merchant.world.merchant(PLATFORM)
    fee = platform.new(
        "application_fee",
        "fee",
        account=merchant.account,
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        application="ca_simulator",
        originating_transaction=charge["id"],
    )
    platform.emit("application_fee.created", fee)
    return str(fee["id"])

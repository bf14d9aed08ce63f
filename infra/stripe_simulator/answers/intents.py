"""Payment intents, charges, balance transactions."""

from __future__ import annotations

from infra.stripe_simulator import cards, paying
from infra.stripe_simulator.changes import change, picked
from infra.stripe_simulator.errors import not_implemented, refused
from infra.stripe_simulator.lists import readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import PLATFORM, Merchant, Object

FIELDS = (
    "amount currency customer description metadata receipt_email setup_future_usage payment_method "
    "application_fee_amount statement_descriptor_suffix"
)
METHODS = "automatic_payment_methods.enabled automatic_payment_methods.allow_redirects payment_method_types"
ATTEMPT = "off_session return_url error_on_requires_action mandate_data"
KEPT = (
    "amount", "customer", "description", "metadata", "receipt_email", "setup_future_usage",
    "application_fee_amount", "statement_descriptor_suffix",
)  # fmt: skip
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
# Less than these is refused, in minor units (docs.stripe.com, "Minimum and maximum charge amounts").
SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "chf": 50, "jpy": 50}


@route("POST", "/v1/payment_intents", f"{FIELDS} {METHODS} {ATTEMPT} confirm")
def create(merchant: Merchant, params: Object) -> Object:
    """An intent, tried at once when `confirm` says so."""
    check_can_charge(merchant)
    check_amount(params["amount"], params["currency"])
    check_fee(merchant, params.get("application_fee_amount"), params["amount"])
    if "customer" in params:
        merchant.get("customer", params["customer"], "customer")
    types = params.get("payment_method_types", ["card"])
    values = {**picked(params, *KEPT), "currency": params["currency"].lower(), "payment_method_types": types}
    intent = paying.new_intent(merchant, **values)
    if "payment_method" in params:
        method = cards.named(merchant, params["payment_method"])
        _check_owner(method, intent)
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return _confirm(merchant, intent, params) if params.get("confirm") else intent


@route("POST", "/v1/payment_intents/{identifier}", FIELDS.replace("currency ", ""))
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes an intent that is still open."""
    intent = _open(merchant, identifier, "updated")
    change(intent, params)
    return intent


@route("POST", "/v1/payment_intents/{identifier}/confirm", f"payment_method {ATTEMPT} receipt_email")
def confirm(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Tries to collect."""
    intent = _open(merchant, identifier, "confirmed")
    if "payment_method" in params:
        intent["payment_method"] = cards.named(merchant, params["payment_method"])["id"]
    return _confirm(merchant, intent, params)


@route("POST", "/v1/payment_intents/{identifier}/cancel", "cancellation_reason")
def cancel(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Gives an open intent up."""
    intent = _open(merchant, identifier, "canceled")
    intent |= {"status": "canceled", "canceled_at": merchant.now(), **params}
    merchant.emit("payment_intent.canceled", intent)
    return intent


def _confirm(merchant: Merchant, intent: Object, params: Object) -> Object:
    method = intent["payment_method"]
    if not method:
        words = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise refused(words, "payment_intent_unexpected_state")
    if params.get("off_session") not in (None, True, False):
        raise not_implemented("off_session with a word")
    before = paying.attempt(merchant, intent, method, off_session=bool(params.get("off_session")))
    if before == "requires_action" and params.get("error_on_requires_action"):
        raise not_implemented("error_on_requires_action for a card that asks")
    if before == "succeeded" and intent["setup_future_usage"] and intent["customer"]:
        cards.attach(merchant, merchant.get("payment_method", method), intent["customer"])
    paying.raise_if_declined(merchant, intent)
    return intent


def _open(merchant: Merchant, identifier: str, verb: str) -> Object:
    intent = merchant.get("payment_intent", identifier)
    if intent["status"] not in OPEN:
        words = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
        raise refused(words, "payment_intent_unexpected_state")
    return intent


def _check_owner(method: Object, intent: Object) -> None:
    if method["customer"] and method["customer"] != intent["customer"]:
        words = (
            f"The provided PaymentMethod cannot be attached: it belongs to the Customer {method['customer']}."
        )
        raise refused(words, param="payment_method")


def check_can_charge(merchant: Merchant) -> None:
    """400 for a connected account that may not take payments (yet, or any more)."""
    if merchant.is_platform:
        return
    account = merchant.world.merchant(PLATFORM).get("account", merchant.account)
    if not account["charges_enabled"]:
        raise refused("Your account cannot currently make charges.", "account_invalid")


def check_amount(amount: int, currency: str) -> None:
    """400 for less than Stripe takes. Currencies that are not listed here pass from 1."""
    if amount < SMALLEST.get(currency.lower(), 1):
        words = f"Amount must be no less than {SMALLEST.get(currency.lower(), 1)} {currency.lower()}"
        raise refused(words, "amount_too_small", "amount")


def check_fee(merchant: Merchant, fee: int | None, amount: int) -> None:
    """400 for a platform's fee outside a connected account, or more than the whole."""
    if fee is None:
        return
    if merchant.is_platform:
        words = (
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using "
            "an OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`)."
        )
        raise refused(words, param="application_fee_amount")
    if fee > amount:
        raise refused(
            "Your application fee cannot exceed the amount of the payment.", param="application_fee_amount"
        )


@route("POST", "/v1/charges/{identifier}", "metadata description receipt_email")
def update_charge(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes what is written beside a charge."""
    charge = merchant.get("charge", identifier)
    merchant.emit("charge.updated", charge, change(charge, params))
    return charge


readable("payment_intent", "payment_intents", "customer")
readable("charge", "charges", "customer", "payment_intent")
readable("balance_transaction", "balance_transactions", "type", "source", "currency")
readable("application_fee", "application_fees", "charge")

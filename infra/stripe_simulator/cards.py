"""Means of payment: Stripe's test cards and test IBANs, and what each of them does."""

from __future__ import annotations

import hashlib
from typing import Any, Literal, NamedTuple

from infra.stripe_simulator import judge
from infra.stripe_simulator.errors import StripeError, not_implemented
from infra.stripe_simulator.world import Merchant, Object

Asks = Literal["never", "unless saved", "always"]


class Means(NamedTuple):
    """A card or an IBAN for tests. `decline`: the code it fails with; `attaches`: it can be saved although it fails;
    `asks`: when its bank wants 3-D Secure; `later`: a dispute or a failing refund comes after the payment."""

    number: str
    words: str
    token: str = ""
    decline: str = ""
    attaches: bool = False
    asks: Asks = "never"
    later: Literal["", "dispute", "refund_fails", "refund_pends"] = ""
    kind: Literal["card", "sepa_debit"] = "card"
    brand: str = "visa"


MEANS = (
    Means("4242424242424242", "is paid", "pm_card_visa"),
    Means("5555555555554444", "is paid (Mastercard)", "pm_card_mastercard", brand="mastercard"),
    Means("4000002500003155", "asks for 3-D Secure until it is saved", "pm_card_authenticationRequiredOnSetup",
          asks="unless saved"),
    Means("4000002760003184", "asks for 3-D Secure every time", "pm_card_authenticationRequired", asks="always"),
    Means("4000008400001629", "asks for 3-D Secure, then is declined",
          "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "generic_decline", asks="always"),
    Means("4000000000000002", "is declined", "pm_card_visa_chargeDeclined", "generic_decline"),
    Means("4000000000009995", "has not enough money", "pm_card_visa_chargeDeclinedInsufficientFunds",
          "insufficient_funds"),
    Means("4000000000009987", "was lost", "pm_card_visa_chargeDeclinedLostCard", "lost_card"),
    Means("4000000000000069", "has expired", "pm_card_chargeDeclinedExpiredCard", "expired_card"),
    Means("4000000000000119", "meets an error of its bank", "pm_card_chargeDeclinedProcessingError",
          "processing_error"),
    Means("4000000000000341", "can be saved, then is declined", "pm_card_chargeCustomerFail", "generic_decline",
          attaches=True),
    Means("4000000000000259", "is paid, then disputed", "pm_card_createDispute", later="dispute"),
    Means("4000000000005126", "is paid; a refund fails later", "pm_card_refundFail", later="refund_fails"),
    Means("4000000000007726", "is paid; a refund takes a while", "pm_card_pendingRefund", later="refund_pends"),
    Means("DE89370400440532013000", "is paid after a while", kind="sepa_debit", brand=""),
    Means("DE62370400440532013001", "fails after a while", decline="debit_not_authorized", kind="sepa_debit",
          brand=""),
)  # fmt: skip
BY_NUMBER = {one.number: one for one in MEANS}
BY_TOKEN = {one.token: one for one in MEANS if one.token}
WORDS = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def words_of(decline: str) -> str:
    """The sentence that goes with a decline code."""
    return WORDS.get(decline, "Your card was declined.")


def code_of(decline: str) -> str:
    """The error code that goes with a decline code: some are their own, the rest are card_declined."""
    own = ("expired_card", "processing_error", "authentication_required", "debit_not_authorized")
    return decline if decline in own else "card_declined"


def by_number(typed: str) -> Means:
    """What somebody typed into the page; 402 for a number that is none for tests."""
    number = typed.replace(" ", "").upper()
    found = BY_NUMBER.get(number)
    if found is None:
        words = "This is a test payment: use one of the test cards listed here, never a real card."
        raise StripeError(402, "card_error", words, code="incorrect_number", param="number")
    return found


def make_method(merchant: Merchant, means: Means, customer: str | None = None, **details: Any) -> Object:
    """A payment method of that card or IBAN."""
    method = merchant.new(
        "payment_method", "pm", type=means.kind, customer=customer, metadata={}, allow_redisplay="unspecified"
    )
    method["billing_details"] |= details
    method[means.kind] = _card(means) if means.kind == "card" else _debit(means)
    merchant.hidden(method["id"])["number"] = means.number
    return method


def named(merchant: Merchant, identifier: str, param: str = "payment_method") -> Object:
    """The payment method of that id; for a token such as pm_card_visa a new one."""
    if identifier in BY_TOKEN:
        return make_method(merchant, BY_TOKEN[identifier])
    if identifier.startswith("pm_card_"):
        raise not_implemented(f"the test token {identifier}")
    return merchant.get("payment_method", identifier, param)


def means_of(merchant: Merchant, method: str) -> Means:
    """What stands behind a payment method."""
    return BY_NUMBER[merchant.hidden(method)["number"]]


def wants_authentication(merchant: Merchant, method: str, *, done: bool) -> bool:
    """Whether the bank asks now; `done`: the person has just said yes."""
    means = means_of(merchant, method)
    saved = bool(merchant.hidden(method).get("authenticated"))
    return not done and (means.asks == "always" or (means.asks == "unless saved" and not saved))


def attach(merchant: Merchant, method: Object, customer: str, *, authenticated: bool = False) -> None:
    """Saves a payment method with a customer."""
    method["customer"] = customer
    if authenticated:
        merchant.hidden(method["id"])["authenticated"] = True
    merchant.emit("payment_method.attached", method)


def _card(means: Means) -> Object:
    mark = hashlib.sha256(means.number.encode()).hexdigest()[:16]
    return judge.blank_part(
        "payment_method",
        "Card",
        brand=means.brand,
        display_brand=means.brand,
        last4=means.number[-4:],
        exp_month=12,
        exp_year=2034,
        funding="credit",
        country="US",
        fingerprint=mark,
    )


def _debit(means: Means) -> Object:
    mark = hashlib.sha256(means.number.encode()).hexdigest()[:16]
    return judge.blank_part(
        "payment_method",
        "SepaDebit",
        bank_code="37040044",
        country="DE",
        fingerprint=mark,
        last4=means.number[-4:],
    )

"""Somebody pays in a checkout session, or saves a means of payment in it."""

from __future__ import annotations

from infra.stripe_simulator import billing, cards, discounts, judge, paying, subscribing
from infra.stripe_simulator.answers import setups
from infra.stripe_simulator.answers.checkout import current
from infra.stripe_simulator.answers.customers import make_customer
from infra.stripe_simulator.billing import Line
from infra.stripe_simulator.cards import Means
from infra.stripe_simulator.changes import picked
from infra.stripe_simulator.errors import StripeError, refused
from infra.stripe_simulator.world import Merchant, Object

OF_INTENT = (
    "metadata", "description", "application_fee_amount", "setup_future_usage", "receipt_email",
    "statement_descriptor_suffix",
)  # fmt: skip
OF_SUBSCRIPTION = ("metadata", "description", "trial_period_days", "trial_end", "trial_settings")
SOMEBODY = "client@example.com"


def pay(merchant: Merchant, name: str, means: Means, email: str = "", *, authenticated: bool = False) -> str:
    """Pays a session: "complete", or "requires_action" when the bank asks first. StripeError: 402 when declined,
    400 when the session is not open any more."""
    session = current(merchant, name)
    if session["status"] != "open":
        words = (
            "This Checkout Session has expired."
            if session["status"] == "expired"
            else "This is paid already."
        )
        raise refused(words, "checkout_session_not_open")
    if means.kind not in session["payment_method_types"]:
        raise StripeError(402, "card_error", "A bank debit can only pay in euros.", code="invalid_currency")
    email = email or session["customer_email"] or _email_of(merchant, session) or SOMEBODY
    ways = {"payment": _pay_once, "subscription": _subscribe, "setup": _save}
    status = ways[session["mode"]](merchant, session, means, email, authenticated)
    if status == "requires_action":
        return status
    session |= {"status": "complete", "url": None}
    details = judge.blank_part("checkout.session", "CustomerDetails", email=email, name="Test Client")
    session["customer_details"] = details | {"tax_exempt": "none", "tax_ids": []}
    merchant.emit("checkout.session.completed", session)
    return "complete"


def refuse_authentication(merchant: Merchant, name: str) -> None:
    """The person did not confirm with the bank: nothing is paid, the session stays open."""
    session = current(merchant, name)
    if session["mode"] != "payment" or not session["payment_intent"]:
        return
    intent = merchant.get("payment_intent", session["payment_intent"])
    words = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    intent["last_payment_error"] = judge.blank_part(
        "payment_intent", "LastPaymentError",
        type="invalid_request_error", code="payment_intent_authentication_failure", message=words,
    )  # fmt: skip
    intent |= {"status": "requires_payment_method", "next_action": None, "payment_method": None}
    merchant.emit("payment_intent.payment_failed", intent)


def settled(merchant: Merchant, intent: Object, status: str) -> None:
    """The bank has answered: the session or the invoice behind the intent is told."""
    known = merchant.hidden(intent["id"])
    if "invoice" in known:
        billing.settled(merchant, merchant.get("invoice", known["invoice"]), status)
    for session in merchant.all("checkout.session"):
        ours = session["payment_intent"] == intent["id"] or session["invoice"] == known.get("invoice", "")
        if session["status"] == "complete" and ours:
            good = status == "succeeded"
            session["payment_status"] = "paid" if good else "unpaid"
            word = "succeeded" if good else "failed"
            merchant.emit(f"checkout.session.async_payment_{word}", session)


def _email_of(merchant: Merchant, session: Object) -> str:
    return str(merchant.find("customer", session["customer"]).get("email") or "")


def _customer(merchant: Merchant, session: Object, email: str) -> str:
    if not session["customer"]:
        customer = make_customer(merchant, {"email": email, "name": "Test Client"})
        session["customer"] = customer["id"]
        merchant.emit("customer.created", customer)
    return str(session["customer"])


def _data(merchant: Merchant, session: Object, kind: str) -> Object:
    found: Object = merchant.hidden(session["id"])["params"].get(kind, {})
    return found


def _pay_once(merchant: Merchant, session: Object, means: Means, email: str, authenticated: bool) -> str:
    data = picked(_data(merchant, session, "payment_intent_data"), *OF_INTENT)
    if session["customer_creation"] == "always" or data.get("setup_future_usage"):
        _customer(merchant, session, email)
    intent = merchant.find("payment_intent", session["payment_intent"])
    if not intent:
        intent = paying.new_intent(
            merchant,
            amount=session["amount_total"],
            currency=session["currency"],
            customer=session["customer"],
            payment_method_types=list(session["payment_method_types"]),
            **data,
        )
        session["payment_intent"] = intent["id"]
    intent["amount"] = session["amount_total"]  # a promotion code may have come after a first attempt
    method = cards.make_method(merchant, means, email=email, name="Test Client")
    status = paying.attempt(merchant, intent, method["id"], authenticated=authenticated)
    if status == "requires_payment_method":
        paying.raise_if_declined(merchant, intent)
    if status == "requires_action":
        return status
    if data.get("setup_future_usage"):
        cards.attach(merchant, method, session["customer"], authenticated=True)
    session["payment_status"] = "paid" if status == "succeeded" else "unpaid"
    return "complete"


def _subscribe(merchant: Merchant, session: Object, means: Means, email: str, authenticated: bool) -> str:
    if means.asks != "never" and not authenticated:
        return "requires_action"
    if means.kind == "card" and means.decline and (session["amount_total"] or not means.attaches):
        code, words = cards.code_of(means.decline), cards.words_of(means.decline)
        raise StripeError(402, "card_error", words, code=code, decline_code=means.decline)
    customer = _customer(merchant, session, email)
    method = cards.make_method(merchant, means, email=email, name="Test Client")
    cards.attach(merchant, method, customer, authenticated=authenticated)
    items, once = _split(merchant, session)
    subscription = subscribing.begin(
        merchant,
        customer,
        items,
        default_payment_method=method["id"],
        extra_lines=once,
        discounts=merchant.hidden(session["id"])["params"].get("discounts"),
        how={"off_session": False, "authenticated": authenticated},
        **picked(_data(merchant, session, "subscription_data"), *OF_SUBSCRIPTION),
    )
    session |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    invoice = merchant.get("invoice", subscription["latest_invoice"])
    if session["payment_status"] != "no_payment_required":
        session["payment_status"] = "paid" if invoice["status"] == "paid" else "unpaid"
    return "complete"


def _split(merchant: Merchant, session: Object) -> tuple[list[Object], list[Line]]:
    items, once, now = [], [], merchant.now(session["customer"])
    for name, quantity in merchant.hidden(session["id"])["lines"]:
        price = merchant.get("price", name)
        if price["recurring"]:
            items.append({"price": name, "quantity": quantity})
        else:
            words = merchant.get("product", price["product"])["name"]
            once.append(Line(price["unit_amount"] * quantity, words, price, quantity, now, now))
    return items, once


def _save(merchant: Merchant, session: Object, means: Means, email: str, authenticated: bool) -> str:
    setup = merchant.find("setup_intent", session["setup_intent"])
    if not setup:
        data = picked(_data(merchant, session, "setup_intent_data"), "metadata", "description")
        if session["customer_creation"] == "always":
            _customer(merchant, session, email)
        setup = setups.new_setup(merchant, customer=session["customer"], **data)
        session["setup_intent"] = setup["id"]
    method = cards.make_method(merchant, means, email=email, name="Test Client")
    status = setups.complete(merchant, setup, method, authenticated=authenticated)
    return status if status == "requires_action" else "complete"


def apply_code(merchant: Merchant, session: Object, typed: str) -> str:
    """Takes a promotion code off the session; the words for the page when there is no such code."""
    found = [
        one
        for one in merchant.all("promotion_code")
        if one["active"] and one["code"].lower() == typed.lower()
    ]
    if not found or not session["allow_promotion_codes"]:
        return "There is no such code."
    try:
        coupon, code = discounts.coupon_named(merchant, {"promotion_code": found[0]["id"]}, "code")
    except StripeError:
        return "This code is not valid any more."
    off = discounts.taken_off(coupon, session["amount_subtotal"])
    if session["amount_total"]:
        session["amount_total"] = session["amount_subtotal"] - off
    session["total_details"]["amount_discount"] = off
    merchant.hidden(session["id"])["params"]["discounts"] = [{"promotion_code": code}]
    return ""

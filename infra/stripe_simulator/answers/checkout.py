"""Checkout sessions: made, read, expired. How one is paid is in till.py."""

from __future__ import annotations

import secrets

from infra.stripe_simulator import cycle, discounts, judge
from infra.stripe_simulator.answers.catalogue import make_price
from infra.stripe_simulator.answers.intents import check_amount, check_can_charge, check_fee
from infra.stripe_simulator.changes import change, picked
from infra.stripe_simulator.errors import not_implemented, refused
from infra.stripe_simulator.lists import CURSORS, INCLUDED, listed
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, list_of

DAY = 86_400
SHORTEST, LONGEST = 30 * 60, DAY
KEPT = ("customer", "customer_email", "client_reference_id", "metadata", "return_url", "success_url", "cancel_url",
        "locale", "submit_type", "customer_creation", "billing_address_collection", "allow_promotion_codes",
        "payment_method_collection")  # fmt: skip
TAKES = (
    " ".join(KEPT)
    + """ mode ui_mode line_items expires_at redirect_on_completion currency discounts custom_text
    customer_update saved_payment_method_options automatic_tax.enabled tax_id_collection.enabled
    invoice_creation.enabled adaptive_pricing.enabled branding_settings payment_method_options
    payment_intent_data.metadata payment_intent_data.description payment_intent_data.application_fee_amount
    payment_intent_data.setup_future_usage payment_intent_data.receipt_email
    payment_intent_data.statement_descriptor_suffix subscription_data.metadata subscription_data.description
    subscription_data.trial_period_days subscription_data.trial_end subscription_data.trial_settings
    setup_intent_data.metadata setup_intent_data.description"""
)


@route("POST", "/v1/checkout/sessions", TAKES)
def create(merchant: Merchant, params: Object) -> Object:
    """An open session, for a page of ours (embedded_page) or of Stripe's (hosted_page)."""
    mode, ui = params.get("mode", "payment"), params.get("ui_mode", "hosted_page")
    _check(merchant, params, mode, ui)
    lines = _lines(merchant, params, mode)
    if params.get("customer"):
        merchant.get("customer", params["customer"], "customer")
    subtotal = sum(price["unit_amount"] * quantity for price, quantity in lines)
    off = _discount(merchant, params, subtotal)
    data = params.get("subscription_data", {})
    total = 0 if data.get("trial_period_days") or data.get("trial_end") else subtotal - off
    currency: str = lines[0][0]["currency"] if lines else params["currency"]
    if mode == "payment":
        check_amount(total, currency)
        check_fee(merchant, params.get("payment_intent_data", {}).get("application_fee_amount"), total)
    session = merchant.new(
        "checkout.session",
        "cs_test",
        mode=mode,
        ui_mode=ui,
        status="open",
        payment_status="unpaid" if total else "no_payment_required",
        currency=currency,
        amount_subtotal=subtotal if lines else None,
        amount_total=total if lines else None,
        total_details=judge.blank_part("checkout.session", "TotalDetails", amount_discount=off, amount_tax=0),
        expires_at=_expiry(merchant, params),
        payment_method_types=["card", "sepa_debit"] if currency == "eur" else ["card"],
        **picked(params, *KEPT),
    )
    _give_address(merchant, session, params)
    kept = {key: params[key] for key in params if key.endswith("_data") or key == "discounts"}
    merchant.hidden(session["id"]).update(
        lines=[[price["id"], quantity] for price, quantity in lines], params=kept
    )
    return session


def _check(merchant: Merchant, params: Object, mode: str, ui: str) -> None:
    check_can_charge(merchant)
    for flag in ("automatic_tax", "tax_id_collection", "invoice_creation"):
        if params.get(flag, {}).get("enabled"):
            raise not_implemented(f"{flag} in checkout sessions")
    returns = params.get("redirect_on_completion", "always") != "never"
    if ui == "embedded_page":
        if returns and not params.get("return_url"):
            words = "You must pass `return_url` when using `ui_mode: embedded_page` with redirects."
            raise refused(words, "parameter_missing", "return_url")
        if wrong := {"success_url", "cancel_url"} & params.keys():
            raise refused(f"`{min(wrong)}` can not be used with `ui_mode: embedded_page`.", param=min(wrong))
    elif ui == "hosted_page":
        if not params.get("success_url"):
            raise refused("Missing required param: success_url.", "parameter_missing", "success_url")
    else:
        raise not_implemented(f"ui_mode {ui}")
    _check_parts(params, mode)


def _check_parts(params: Object, mode: str) -> None:
    if mode != "setup" and not params.get("line_items"):
        raise refused("Missing required param: line_items.", "parameter_missing", "line_items")
    if "customer" in params and "customer_email" in params:
        raise refused("You may only specify one of these parameters: customer, customer_email.")
    if mode == "setup" and not params.get("currency"):
        raise refused(
            "You must provide `currency` in `setup` mode with dynamic payment methods.", param="currency"
        )


def _lines(merchant: Merchant, params: Object, mode: str) -> list[tuple[Object, int]]:
    found = []
    for place, line in enumerate(params.get("line_items", [])):
        if odd := line.keys() - {"price", "price_data", "quantity"}:
            raise not_implemented(f"line_items[{place}][{min(odd)}]")
        if "price_data" in line:
            price = make_price(merchant, line["price_data"], active=False)
        else:
            price = merchant.get("price", line.get("price", ""), f"line_items[{place}][price]")
            if not price["active"]:
                raise refused("The price specified is inactive. This field only accepts active prices.")
        found.append((price, line.get("quantity", 1)))
    recurring = [price for price, _ in found if price["recurring"]]
    if mode == "payment" and recurring:
        words = (
            "You specified `payment` mode but passed a recurring price. "
            "Either switch to `subscription` mode or use only one-time prices."
        )
        raise refused(words)
    if mode == "subscription" and not recurring:
        raise refused(
            "You must provide at least one recurring price in `subscription` mode when using prices."
        )
    if len({price["currency"] for price, _ in found}) > 1:
        raise refused("All line items must have the same currency.")
    return found


def _discount(merchant: Merchant, params: Object, subtotal: int) -> int:
    given = params.get("discounts") or []
    if given and params.get("allow_promotion_codes"):
        raise refused("You may only specify one of these parameters: allow_promotion_codes, discounts.")
    left = subtotal
    for place, each in enumerate(given):
        coupon, _ = discounts.coupon_named(merchant, each, f"discounts[{place}]")
        left -= discounts.taken_off(coupon, left)
    return subtotal - left


def _expiry(merchant: Merchant, params: Object) -> int:
    now = merchant.world.now()
    expires = int(params.get("expires_at", now + LONGEST))
    # A minute of grace: clocks differ, and requests take time.
    if not now + SHORTEST - 60 <= expires <= now + LONGEST + 60:
        words = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise refused(words, param="expires_at")
    return expires


def _give_address(merchant: Merchant, session: Object, params: Object) -> None:
    if session["ui_mode"] == "embedded_page":
        session["redirect_on_completion"] = params.get("redirect_on_completion", "always")
        session["client_secret"] = f"{session['id']}_secret_{secrets.token_hex(16)}"
    else:
        session["url"] = f"{merchant.world.base}/pay/{merchant.account}/{session['id']}"


@route("POST", "/v1/checkout/sessions/{identifier}", "metadata")
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes a session's metadata."""
    session = current(merchant, identifier)
    change(session, params)
    return session


@route("POST", "/v1/checkout/sessions/{identifier}/expire")
def expire(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Closes an open session: nobody can pay in it any more."""
    session = current(merchant, identifier)
    if session["status"] != "open":
        words = 'Only Checkout Sessions with a status in ["open"] can be expired. This one has a status of '
        raise refused(words + f"`{session['status']}`.")
    return cycle.expire(merchant, session)


@route("GET", "/v1/checkout/sessions/{identifier}")
def read(merchant: Merchant, params: Object, identifier: str) -> Object:
    """A session."""
    return current(merchant, identifier)


@route("GET", "/v1/checkout/sessions", f"{CURSORS} customer payment_intent subscription status")
def listing(merchant: Merchant, params: Object) -> Object:
    """Sessions, newest first."""
    equal = ("customer", "payment_intent", "subscription", "status")
    return listed(merchant.all("checkout.session"), params, "/v1/checkout/sessions", equal)


@route("GET", "/v1/checkout/sessions/{identifier}/line_items", CURSORS)
def list_lines(merchant: Merchant, params: Object, identifier: str) -> Object:
    """What is paid for."""
    found = lines_of(merchant, merchant.get("checkout.session", identifier))
    return {**found, **listed(found["data"], params, found["url"])}


def lines_of(merchant: Merchant, session: Object) -> Object:
    """What `expand: line_items` shows."""
    made = []
    for place, (name, quantity) in enumerate(merchant.hidden(session["id"]).get("lines", [])):
        price = merchant.get("price", name)
        amount = price["unit_amount"] * quantity
        words = merchant.get("product", price["product"])["name"]
        made.append(
            judge.blank(
                "item",
                id=f"li_{session['id'][-16:]}{place}",
                amount_subtotal=amount,
                amount_total=amount,
                currency=price["currency"],
                description=words,
                price=price,
                quantity=quantity,
            )
        )
    return list_of(made, f"/v1/checkout/sessions/{session['id']}/line_items")


def current(merchant: Merchant, identifier: str) -> Object:
    """The session; expired first if its time is over."""
    session = merchant.get("checkout.session", identifier)
    if session["status"] == "open" and session["expires_at"] < merchant.world.now():
        cycle.expire(merchant, session)
    return session


INCLUDED["checkout.session", "line_items"] = lines_of

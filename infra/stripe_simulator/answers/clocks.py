"""Test clocks, coupons and promotion codes."""

from __future__ import annotations

import secrets

from infra.stripe_simulator import cycle
from infra.stripe_simulator.changes import change
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.lists import CURSORS, listed, readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, identifier

MONTH = 30 * 86_400
OF_COUPON = (
    "id percent_off amount_off currency duration duration_in_months name metadata max_redemptions redeem_by"
)


@route("POST", "/v1/test_helpers/test_clocks", "frozen_time name")
def create_clock(merchant: Merchant, params: Object) -> Object:
    """A clock; customers are put on it when they are made."""
    return merchant.new(
        "test_helpers.test_clock",
        "clock",
        frozen_time=params["frozen_time"],
        deletes_after=merchant.now() + MONTH,
        name=params.get("name"),
        status="ready",
    )


@route("POST", "/v1/test_helpers/test_clocks/{clock}/advance", "frozen_time")
def advance(merchant: Merchant, params: Object, clock: str) -> Object:
    """Moves a clock forward. Unlike at Stripe it is there when the answer comes."""
    found = merchant.get("test_helpers.test_clock", clock)
    if params["frozen_time"] <= found["frozen_time"]:
        raise refused("A test clock can only be advanced to a future time.", param="frozen_time")
    cycle.advance_clock(merchant, found, params["frozen_time"])
    merchant.emit("test_helpers.test_clock.ready", found)
    return found


@route("DELETE", "/v1/test_helpers/test_clocks/{clock}")
def delete_clock(merchant: Merchant, params: Object, clock: str) -> Object:
    """Takes the clock away, and its customers with it."""
    merchant.get("test_helpers.test_clock", clock)
    for customer in merchant.all("customer"):
        if customer["test_clock"] == clock:
            del merchant.store["customer"][customer["id"]]
    del merchant.store["test_helpers.test_clock"][clock]
    return {"id": clock, "object": "test_helpers.test_clock", "deleted": True}


@route("POST", "/v1/coupons", OF_COUPON)
def create_coupon(merchant: Merchant, params: Object) -> Object:
    """Percent or an amount off, once, for some months, or for ever."""
    if ("percent_off" in params) == ("amount_off" in params):
        raise refused("You must pass exactly one of percent_off and amount_off.", param="percent_off")
    if "amount_off" in params and "currency" not in params:
        raise refused("You must pass currency when passing amount_off", "parameter_missing", "currency")
    duration = params.get("duration", "once")
    if duration == "repeating" and "duration_in_months" not in params:
        raise refused(
            "You must pass duration_in_months when passing duration=repeating", param="duration_in_months"
        )
    given = {
        **params,
        "duration": duration,
        "valid": True,
        "id": params.get("id") or secrets.token_urlsafe(6),
    }
    if given["id"] in merchant.store.get("coupon", {}):
        raise refused("Coupon already exists.", "resource_already_exists", "id")
    coupon = merchant.new("coupon", "", **{"metadata": {}, **given})
    merchant.emit("coupon.created", coupon)
    return coupon


@route("POST", "/v1/coupons/{coupon}", "name metadata")
def update_coupon(merchant: Merchant, params: Object, coupon: str) -> Object:
    """Changes what is written beside it; what it takes off never changes."""
    found = merchant.get("coupon", coupon)
    merchant.emit("coupon.updated", found, change(found, params))
    return found


@route("DELETE", "/v1/coupons/{coupon}")
def delete_coupon(merchant: Merchant, params: Object, coupon: str) -> Object:
    """Nobody can redeem it any more; those who have keep it."""
    found = merchant.get("coupon", coupon)
    found["valid"] = False
    merchant.emit("coupon.deleted", found)
    return {"id": coupon, "object": "coupon", "deleted": True}


@route("POST", "/v1/promotion_codes", "promotion code active max_redemptions expires_at metadata customer")
def create_code(merchant: Merchant, params: Object) -> Object:
    """A word that people type to get a coupon."""
    coupon = merchant.get("coupon", params["promotion"].get("coupon", ""), "promotion[coupon]")
    code = params.get("code") or identifier("", 8)[1:].upper()
    if any(one["active"] and one["code"].lower() == code.lower() for one in merchant.all("promotion_code")):
        raise refused(
            "An active promotion code with that code already exists.", "resource_already_exists", "code"
        )
    made = merchant.new("promotion_code", "promo", active=params.get("active", True), code=code)
    made["promotion"] = {"type": "coupon", "coupon": coupon["id"]}
    kept = ("max_redemptions", "expires_at", "metadata", "customer")
    made |= {name: params[name] for name in kept if name in params}
    return made


@route("POST", "/v1/promotion_codes/{code}", "active metadata")
def update_code(merchant: Merchant, params: Object, code: str) -> Object:
    """Switches a code off and on."""
    found = merchant.get("promotion_code", code)
    change(found, params)
    return found


@route("GET", "/v1/coupons", CURSORS)
def list_coupons(merchant: Merchant, params: Object) -> Object:
    """Coupons that were not deleted."""
    return listed([one for one in merchant.all("coupon") if one["valid"]], params, "/v1/coupons")


readable("coupon", "coupons", lists=False)
readable("promotion_code", "promotion_codes", "active", "code", "customer")
readable("test_helpers.test_clock", "test_helpers/test_clocks")

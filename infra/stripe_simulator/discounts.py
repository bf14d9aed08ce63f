"""What coupons take off an invoice."""

from __future__ import annotations

from infra.stripe_simulator import judge
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.periods import add_months
from infra.stripe_simulator.world import Merchant, Object, identifier


def coupon_named(merchant: Merchant, given: Object, param: str) -> tuple[Object, str | None]:
    """The coupon and the promotion code of {"coupon": …} or {"promotion_code": …}. Raises StripeError."""
    if "promotion_code" in given:
        code = merchant.get("promotion_code", given["promotion_code"], f"{param}[promotion_code]")
        if not code["active"]:
            raise refused("This promotion code is not active.", "promotion_code_invalid", param)
        return valid(merchant, merchant.get("coupon", code["promotion"]["coupon"]), param), code["id"]
    return valid(merchant, merchant.get("coupon", given.get("coupon", ""), f"{param}[coupon]"), param), None


def valid(merchant: Merchant, coupon: Object, param: str) -> Object:
    """The coupon if it can still be redeemed."""
    full = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] < merchant.now()
    if full or late or not coupon["valid"]:
        raise refused(f"Coupon expired: {coupon['id']}", "coupon_expired", param)
    return coupon


def put_on(merchant: Merchant, subscription: Object, given: list[Object], param: str = "discounts") -> None:
    """Makes discounts for a subscription, in place of those it had."""
    now, made = merchant.now(subscription["customer"]), []
    for place, each in enumerate(given):
        coupon, code = coupon_named(merchant, each, f"{param}[{place}]")
        months = coupon["duration_in_months"]
        discount = judge.blank(
            "discount",
            id=identifier("di"),
            customer=subscription["customer"],
            subscription=subscription["id"],
            start=now,
            end=add_months(now, months) if coupon["duration"] == "repeating" else None,
            promotion_code=code,
        )
        discount["source"] = {"type": "coupon", "coupon": coupon["id"]}
        coupon["times_redeemed"] += 1
        made.append(merchant.keep(discount)["id"])
    subscription["discounts"] = made


def amounts(merchant: Merchant, subscription: Object, subtotal: int) -> list[Object]:
    """What each discount takes off, one after the other, never below nothing."""
    left, taken = max(0, subtotal), []
    now = merchant.now(subscription["customer"])
    for name in subscription["discounts"]:
        discount = merchant.get("discount", name)
        if discount["end"] is not None and discount["end"] <= now:
            continue
        off = taken_off(merchant.get("coupon", discount["source"]["coupon"]), left)
        left -= off
        taken.append({"amount": off, "discount": name})
    return taken


def taken_off(coupon: Object, amount: int) -> int:
    """Minor units that a coupon takes off an amount; a half is rounded up."""
    if coupon["amount_off"] is not None:
        return min(amount, int(coupon["amount_off"]))
    hundredths = round(float(coupon["percent_off"]) * 100)
    return min(amount, (amount * hundredths + 5_000) // 10_000)


def use(merchant: Merchant, subscription: Object) -> None:
    """An invoice has been made: what is meant once is over."""
    subscription["discounts"] = [
        name
        for name in subscription["discounts"]
        if merchant.get("coupon", merchant.get("discount", name)["source"]["coupon"])["duration"] != "once"
    ]

"""Subscriptions begin, change their items with proration, renew, and end."""

from __future__ import annotations

import copy
from typing import Any

from infra.stripe_simulator import billing, discounts, judge
from infra.stripe_simulator.billing import Line
from infra.stripe_simulator.changes import picked
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.periods import period_end
from infra.stripe_simulator.world import Merchant, Object, identifier, list_of

DAY = 86_400


def begin(merchant: Merchant, customer: str, items: list[Object], **given: Any) -> Object:
    """A subscription with its first invoice, tried at once (`how` as in `billing.collect`; False: not tried)."""
    merchant.get("customer", customer, "customer")
    prices = [recurring_price(merchant, item, place) for place, item in enumerate(items)]
    if len({(price["currency"], price["recurring"]["interval"]) for price in prices}) != 1:
        raise refused("Currency and interval of all items must be the same.", param="items")
    now = merchant.now(customer)
    trial_end = _trial_end(given, now)
    subscription = merchant.new(
        "subscription",
        "sub",
        customer=customer,
        currency=prices[0]["currency"],
        status="trialing" if trial_end else "incomplete",
        start_date=now,
        billing_cycle_anchor=trial_end or now,
        trial_start=now if trial_end else None,
        trial_end=trial_end,
        test_clock=merchant.find("customer", customer).get("test_clock"),
        default_tax_rates=[],
        **picked(given, "metadata", "default_payment_method", "trial_settings", "description"),
    )
    subscription["items"] = list_of([], f"/v1/subscription_items?subscription={subscription['id']}")
    for price, item in zip(prices, items, strict=True):
        add_item(merchant, subscription, price, item, end=trial_end)
    discounts.put_on(merchant, subscription, given.get("discounts") or [])
    merchant.emit("customer.subscription.created", subscription)
    extra = given.get("extra_lines") or []
    lines = [_trial_line(item) for item in items_of(subscription)] if trial_end else whole_lines(subscription)
    invoice = billing.make_invoice(merchant, subscription, lines + extra, "subscription_create")
    how = given.get("how", {})
    if how is not False:
        billing.collect(merchant, invoice, **how)
    return subscription


def _trial_end(given: Object, now: int) -> int | None:
    if given.get("trial_end") == "now":
        return None
    if given.get("trial_end"):
        return int(given["trial_end"])
    days = given.get("trial_period_days")
    return now + days * DAY if days else None


def recurring_price(merchant: Merchant, item: Object, place: int) -> Object:
    """The price of an item; 400 for one that is paid once."""
    price = merchant.get("price", item.get("price", ""), f"items[{place}][price]")
    if not price["recurring"]:
        words = "The price specified is set to `type=one_time` but this field only accepts recurring prices."
        raise refused(words, param=f"items[{place}][price]")
    return price


def items_of(subscription: Object) -> list[Object]:
    """The items of a subscription."""
    found: list[Object] = subscription["items"]["data"]
    return found


def add_item(
    merchant: Merchant, subscription: Object, price: Object, given: Object, end: int | None = None
) -> Object:
    """A new item, in the period that the subscription is in."""
    others, now = items_of(subscription), merchant.now(subscription["customer"])
    start = others[0]["current_period_start"] if others else now
    end = end or (others[0]["current_period_end"] if others else period_end(now, now, price))
    item = judge.blank(
        "subscription_item",
        id=identifier("si"),
        created=now,
        subscription=subscription["id"],
        quantity=given.get("quantity", 1),
        metadata=given.get("metadata") or {},
        current_period_start=start,
        current_period_end=end,
        tax_rates=[],
    )
    set_price(item, price)
    others.append(merchant.keep(item))
    return item


def set_price(item: Object, price: Object) -> None:
    """Gives an item another price, and the plan that mirrors it."""
    item["price"] = copy.deepcopy(price)
    shared = ("id", "currency", "active", "created", "product", "nickname", "metadata")
    item["plan"] |= {name: price[name] for name in shared}
    item["plan"] |= {"amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"]}
    item["plan"] |= {name: price["recurring"][name] for name in ("interval", "interval_count")}


def whole_lines(subscription: Object) -> list[Line]:
    """What a whole period costs."""
    return [whole_line(item) for item in items_of(subscription)]


def whole_line(item: Object) -> Line:
    """What a whole period of one item costs."""
    price, quantity = item["price"], item["quantity"]
    words = f"{quantity} × {price['nickname'] or price['id']}"
    start, end = item["current_period_start"], item["current_period_end"]
    return Line(price["unit_amount"] * quantity, words, price, quantity, start, end, item["id"])


def _trial_line(item: Object) -> Line:
    return whole_line(item)._replace(amount=0, description="Trial period")


def part_line(item: Object, now: int, *, back: bool) -> Line:
    """What is left of the period costs so much; `back`: it is given back."""
    start, end = item["current_period_start"], item["current_period_end"]
    whole, left = end - start, max(0, end - now)
    cost = item["price"]["unit_amount"] * item["quantity"]
    amount = (2 * cost * left + whole) // (2 * whole) if whole else 0
    words = "Unused time" if back else "Remaining time"
    name = item["price"]["nickname"] or item["price"]["id"]
    sign = -1 if back else 1
    words = f"{words} on {item['quantity']} × {name}"
    return Line(sign * amount, words, item["price"], item["quantity"], now, end, item["id"], proration=True)


def change_items(
    merchant: Merchant, subscription: Object, given: list[Object], at: int | None = None
) -> tuple[list[Line], bool]:
    """Applies `items` of an update: the proration lines, counted `at` a moment, and whether a new period began."""
    now, lines, restarted = at or merchant.now(subscription["customer"]), [], False
    for place, each in enumerate(given):
        if "id" not in each:
            item = add_item(merchant, subscription, recurring_price(merchant, each, place), each)
            lines.append(part_line(item, now, back=False))
            continue
        item = next((one for one in items_of(subscription) if one["id"] == each["id"]), {})
        if not item:
            raise refused(
                f"No such subscription item: '{each['id']}'", "resource_missing", f"items[{place}][id]"
            )
        lines.append(part_line(item, now, back=True))
        if each.get("deleted"):
            items_of(subscription).remove(item)
            continue
        old = item["price"]["recurring"]
        if "price" in each:
            set_price(item, recurring_price(merchant, each, place))
        item["quantity"] = each.get("quantity", item["quantity"])
        if item["price"]["recurring"] != old and subscription["status"] != "trialing":
            restart(subscription, now)
            restarted = True
        lines.append(whole_line(item) if restarted else part_line(item, now, back=False))
    return ([] if subscription["status"] == "trialing" else lines), restarted


def restart(subscription: Object, now: int) -> None:
    """The period begins anew, now."""
    subscription["billing_cycle_anchor"] = now
    for item in items_of(subscription):
        item["current_period_start"] = now
        item["current_period_end"] = period_end(now, now, item["price"])


def end_period(merchant: Merchant, subscription: Object) -> None:
    """The period is over: cancelled, paused or renewed, the trial with it."""
    if subscription["cancel_at_period_end"]:
        billing.cancel(merchant, subscription)
        return
    old = subscription["status"]
    if (
        old == "trialing"
        and not billing.method_of(merchant, subscription)
        and _end_trial(merchant, subscription)
    ):
        return
    if subscription["schedule"]:
        from infra.stripe_simulator import schedules

        schedules.enter(merchant, subscription, items_of(subscription)[0]["current_period_end"])
    anchor = subscription["billing_cycle_anchor"]
    for item in items_of(subscription):
        start = item["current_period_end"]
        item |= {
            "current_period_start": start,
            "current_period_end": period_end(anchor, start, item["price"]),
        }
    before: Object = {"items": {}, "status": old} if old == "trialing" else {"items": {}}
    if old == "trialing":
        subscription["status"] = "active"
    merchant.emit("customer.subscription.updated", subscription, before)
    waiting = [Line(*line) for line in merchant.hidden(subscription["id"]).pop("lines", [])]
    lines = whole_lines(subscription) + waiting
    invoice = billing.make_invoice(merchant, subscription, lines, "subscription_cycle")
    if subscription["pause_collection"]:
        _set_aside(merchant, subscription, invoice)
    elif old == "unpaid":
        invoice |= {"status": "draft", "auto_advance": False}
    else:
        billing.collect(merchant, invoice)


def _end_trial(merchant: Merchant, subscription: Object) -> bool:
    behaviour = ((subscription["trial_settings"] or {}).get("end_behavior") or {}).get(
        "missing_payment_method"
    )
    if behaviour == "cancel":
        billing.cancel(merchant, subscription)
    elif behaviour == "pause":
        subscription["status"] = "paused"
        merchant.emit("customer.subscription.updated", subscription, {"status": "trialing"})
        merchant.emit("customer.subscription.paused", subscription)
    return behaviour in ("cancel", "pause")


def _set_aside(merchant: Merchant, subscription: Object, invoice: Object) -> None:
    behaviour = subscription["pause_collection"]["behavior"]
    if behaviour == "void":
        invoice["status"] = "void"
        invoice["status_transitions"]["voided_at"] = merchant.now(invoice["customer"])
        merchant.emit("invoice.voided", invoice)
    elif behaviour == "mark_uncollectible":
        invoice["status"] = "uncollectible"
        merchant.emit("invoice.marked_uncollectible", invoice)
    else:
        invoice["status"] = "draft"

"""Subscription schedules: what a subscription is to become when its period ends. Two phases, then it is released."""

from __future__ import annotations

import copy

from infra.stripe_simulator import judge, schedules, subscribing
from infra.stripe_simulator.errors import not_implemented, refused
from infra.stripe_simulator.lists import readable
from infra.stripe_simulator.periods import add_months
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object

PHASE = frozenset(
    {"items", "start_date", "end_date", "duration", "discounts", "trial_end"}
    | {"proration_behavior", "billing_cycle_anchor"}
)


@route("POST", "/v1/subscription_schedules", "from_subscription")
def create(merchant: Merchant, params: Object) -> Object:
    """The schedule of a subscription that there is: its present period is the first phase."""
    if "from_subscription" not in params:
        raise not_implemented("schedules without from_subscription")
    subscription = merchant.get("subscription", params["from_subscription"], "from_subscription")
    if subscription["schedule"]:
        raise refused("This subscription is already attached to a schedule.", param="from_subscription")
    made = merchant.new(
        "subscription_schedule",
        "sub_sched",
        customer=subscription["customer"],
        subscription=subscription["id"],
        status="active",
        end_behavior="release",
        metadata={},
        test_clock=subscription["test_clock"],
    )
    made["phases"] = [_present(merchant, subscription)]
    made["current_phase"] = {key: made["phases"][0][key] for key in ("start_date", "end_date")}
    subscription["schedule"] = made["id"]
    merchant.emit("subscription_schedule.created", made)
    merchant.emit("customer.subscription.updated", subscription, {"schedule": None})
    return made


@route("POST", "/v1/subscription_schedules/{identifier}", "phases end_behavior proration_behavior metadata")
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Other phases; the first is the one that runs, its beginning cannot change."""
    made = _running(merchant, identifier)
    if params.get("end_behavior", "release") != "release":
        raise not_implemented("schedules that end otherwise than with a release")
    if "metadata" in params:
        made["metadata"] = {**made["metadata"], **params["metadata"]}
    if "phases" in params:
        made["phases"] = _phases(merchant, made, params["phases"])
    merchant.emit("subscription_schedule.updated", made)
    return made


@route("POST", "/v1/subscription_schedules/{identifier}/release")
def release(merchant: Merchant, params: Object, identifier: str) -> Object:
    """The subscription goes on as it is; what was to come is off."""
    made = _running(merchant, identifier)
    schedules.release(merchant, made)
    return made


def _running(merchant: Merchant, identifier: str) -> Object:
    made = merchant.get("subscription_schedule", identifier)
    if made["status"] not in ("active", "not_started"):
        words = f"You cannot update a subscription schedule that is in the `{made['status']}` status."
        raise refused(words)
    return made


def _present(merchant: Merchant, subscription: Object) -> Object:
    item = subscribing.items_of(subscription)[0]
    discounts = [{"discount": name} for name in subscription["discounts"]]
    given = {"items": [{"price": item["price"]["id"], "quantity": item["quantity"]}], "discounts": discounts}
    start, end = item["current_period_start"], item["current_period_end"]
    return _phase(merchant, given | {"trial_end": subscription["trial_end"]}, start, end)


def _phases(merchant: Merchant, made: Object, given: list[Object]) -> list[Object]:
    if unknown := {key for each in given for key in each} - PHASE:
        raise not_implemented(f"phases[][{min(unknown)}] of a schedule")
    if given[0].get("start_date") != made["phases"][0]["start_date"]:
        raise refused(
            "You can not modify the start date of the current phase.", param="phases[0][start_date]"
        )
    found: list[Object] = []
    start = int(given[0]["start_date"])
    for each in given:
        end = each.get("end_date") or _after(merchant, start, each)
        found.append(_phase(merchant, each, start, int(end)))
        start = int(end)
    return found


def _after(merchant: Merchant, start: int, given: Object) -> int:
    length = given.get("duration")
    if not length or length["interval"] not in ("month", "year"):
        raise not_implemented("phases without end_date or duration")
    months = length.get("interval_count", 1) * (12 if length["interval"] == "year" else 1)
    return add_months(start, months)


def _phase(merchant: Merchant, given: Object, start: int, end: int) -> Object:
    items = []
    for place, each in enumerate(given["items"]):
        subscribing.recurring_price(merchant, each, place)
        part = judge.blank_part(
            "subscription_schedule", "Phase", "Item", price=each["price"], plan=each["price"]
        )
        items.append(part | {"quantity": each.get("quantity", 1), "metadata": {}, "tax_rates": []})
    discounts = [
        judge.blank_part("subscription_schedule", "Phase", "Discount", **copy.deepcopy(each))
        for each in given.get("discounts") or []
    ]
    currency = merchant.get("price", given["items"][0]["price"])["currency"]
    return judge.blank_part(
        "subscription_schedule",
        "Phase",
        items=items,
        discounts=discounts,
        currency=currency,
        start_date=start,
        end_date=end,
        trial_end=given.get("trial_end"),
        billing_cycle_anchor=given.get("billing_cycle_anchor"),
        proration_behavior=given.get("proration_behavior", "create_prorations"),
        metadata={},
    )


readable("subscription_schedule", "subscription_schedules", "customer")

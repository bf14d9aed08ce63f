"""What schedules do as time goes on: a subscription enters its next phase, and after the last it is released."""

from __future__ import annotations

from infra.stripe_simulator import subscribing
from infra.stripe_simulator.world import Merchant, Object


def enter(merchant: Merchant, subscription: Object, now: int) -> None:
    """The period is over: if a phase begins with its end, its prices count from now on."""
    made = merchant.find("subscription_schedule", subscription["schedule"])
    phase = next((one for one in made.get("phases", []) if one["start_date"] == now), None)
    if phase is None or now == made["phases"][0]["start_date"]:
        if made and made["phases"][-1]["end_date"] <= now:
            release(merchant, made)
        return
    for item, wanted in zip(subscribing.items_of(subscription), phase["items"], strict=True):
        old = item["price"]["recurring"]
        subscribing.set_price(item, merchant.get("price", wanted["price"]))
        item["quantity"] = wanted["quantity"]
        if item["price"]["recurring"] != old or phase["billing_cycle_anchor"] == "phase_start":
            subscription["billing_cycle_anchor"] = now
    made["current_phase"] = {key: phase[key] for key in ("start_date", "end_date")}
    merchant.emit("subscription_schedule.updated", made)


def release(merchant: Merchant, made: Object) -> None:
    """The schedule lets its subscription go."""
    subscription = merchant.get("subscription", made["subscription"])
    now = merchant.now(subscription["customer"])
    made |= {"status": "released", "released_at": now, "released_subscription": subscription["id"]}
    made |= {"subscription": None, "current_phase": None}
    subscription["schedule"] = None
    merchant.emit("subscription_schedule.released", made)
    merchant.emit("customer.subscription.updated", subscription, {"schedule": made["id"]})

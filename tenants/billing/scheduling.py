"""What is to begin when the paid period ends, as a schedule at Stripe. Until then Stripe bills as before."""

from contextlib import suppress
from typing import Any

from kit.money import to_stripe
from tenants.billing.fetched import NEXT_INTERVAL, NEXT_MINOR, NEXT_PLAN
from tenants.billing.models import AgencySubscription, Interval
from tenants.billing.prices import price_id, price_of
from tenants.gateway.client import stripe_client
from tenants.plans import Plan


def plan_ahead(row: AgencySubscription, plan: Plan, interval: Interval) -> None:
    """Let another plan, or another way of paying, begin at the end of the period; what was planned before is off.

    Raises:
        stripe.StripeError: Stripe does not answer or refuses. If only the first of two calls was heard, a
            schedule without plans is left, which changes nothing.
    """
    if row.stripe_schedule_id:
        forget_plans(row)
    schedules, price = stripe_client().v1.subscription_schedules, price_of(plan, interval)
    made = schedules.create({"from_subscription": str(row.stripe_subscription_id)})
    running = _as_sent(made["phases"][0])
    then: Any = {
        "items": [{"price": price_id(plan, interval), "quantity": 1}],
        "duration": {"interval": interval.value, "interval_count": 1},
        "proration_behavior": "none",
        "discounts": running["discounts"],
    }
    note = {
        NEXT_PLAN: str(plan.value),
        NEXT_INTERVAL: interval.value,
        NEXT_MINOR: str(to_stripe(price.minor, price.currency)),
    }
    wanted: Any = {
        "phases": [running, then],
        "end_behavior": "release",
        "proration_behavior": "none",
        "metadata": note,
    }
    schedules.update(made["id"], wanted)


def forget_plans(row: AgencySubscription) -> None:
    """Let the subscription go on as it is. A schedule that is over already is as good as forgotten."""
    import stripe

    with suppress(stripe.InvalidRequestError):
        stripe_client().v1.subscription_schedules.release(row.stripe_schedule_id)


def _as_sent(phase: Any) -> dict[str, Any]:
    """The running phase as it has to be sent back: Stripe wants it whole and unchanged."""
    sent: dict[str, Any] = {
        "items": [{"price": _id(item["price"]), "quantity": item["quantity"]} for item in phase["items"]],
        "start_date": phase["start_date"],
        "end_date": phase["end_date"],
        "proration_behavior": "none",
        "discounts": [{"discount": _id(one["discount"])} for one in phase["discounts"] if one["discount"]],
    }
    return sent | ({"trial_end": phase["trial_end"]} if phase["trial_end"] else {})


def _id(reference: Any) -> str:
    return str(reference) if isinstance(reference, str) else str(reference["id"])

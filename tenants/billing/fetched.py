"""What Stripe says of an agency, read into our words. Pure: Stripe's object in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tenants.billing.models import LIVE, Interval, Status
from tenants.plans import Plan

# We name our products at Stripe, so a price tells its plan even after its lookup key has moved to a newer one.
PRODUCT_PREFIX = "portico_"
# Noted on a schedule at Stripe, so that what is planned can be read without asking for its prices.
NEXT_PLAN, NEXT_INTERVAL, NEXT_MINOR = "plan", "interval", "minor"
RUNNING_SCHEDULES = ("active", "not_started")


class NotOurs(ValueError):
    """The subscription is for something that is no plan of ours."""


@dataclass(frozen=True)
class Planned:
    """What begins when the paid period ends."""

    plan: Plan
    interval: Interval
    minor: int
    begins: datetime


@dataclass(frozen=True)
class Waiting:
    """An upgrade that counts once its invoice is paid, if that is before `until`."""

    plan: Plan
    interval: Interval
    until: datetime
    invoice: str


@dataclass(frozen=True)
class Fetched:
    """One subscription at Stripe."""

    id: str
    item_id: str
    status: Status
    plan: Plan
    interval: Interval
    minor: int
    currency: str
    period_end: datetime | None
    trial_end: datetime | None
    cancel_at_period_end: bool
    schedule_id: str
    planned: Planned | None
    waiting: Waiting | None
    coupon: str
    created: int


def read(subscription: Any, now: datetime) -> Fetched:
    """Read one subscription, its schedule and discounts expanded.

    Raises:
        NotOurs: its product or interval is none of ours.
    """
    item = subscription["items"]["data"][0]
    price, schedule = item["price"], subscription["schedule"]
    return Fetched(
        id=subscription["id"],
        item_id=item["id"],
        status=Status(subscription["status"]),
        plan=plan_of(_id(price["product"])),
        interval=_interval(price),
        minor=price["unit_amount"] or 0,
        currency=price["currency"].upper(),
        period_end=moment(item["current_period_end"]),
        trial_end=moment(subscription["trial_end"]),
        cancel_at_period_end=_ends_with_period(subscription, item),
        schedule_id=_id(schedule) if schedule else "",
        planned=_planned(schedule, now),
        waiting=_waiting(subscription, now),
        coupon=_coupon(subscription),
        created=subscription["created"],
    )


def the_one(found: Sequence[Fetched]) -> tuple[Fetched | None, bool]:
    """The subscription that counts, and whether there is a second one that is paid for.

    A live one before a dead one; of two live ones the older, so that the answer never depends on the order
    in which we hear of them; of dead ones the newest.
    """
    live = sorted((one for one in found if one.status in LIVE), key=lambda one: (one.created, one.id))
    if live:
        return live[0], len(live) > 1
    return max(found, key=lambda one: (one.created, one.id), default=None), False


def product_id(plan: Plan) -> str:
    """Our name for a plan's product at Stripe."""
    return PRODUCT_PREFIX + plan.name.lower()


def lookup_key(plan: Plan, interval: Interval) -> str:
    """Our name for a plan's price at Stripe."""
    return f"{PRODUCT_PREFIX}{plan.name.lower()}_{interval.value}"


def plan_of(product: str) -> Plan:
    """The plan that a product is.

    Raises:
        NotOurs: it is none of ours.
    """
    try:
        return Plan[product.removeprefix(PRODUCT_PREFIX).upper()]
    except KeyError as error:
        raise NotOurs(f"the product {product} is no plan") from error


def moment(stamp: int | None) -> datetime | None:
    """Stripe's seconds as a moment."""
    return datetime.fromtimestamp(stamp, UTC) if stamp else None


def _planned(schedule: Any, now: datetime) -> Planned | None:
    if not schedule or schedule["status"] not in RUNNING_SCHEDULES or len(schedule["phases"]) < 2:
        return None
    note, begins = schedule["metadata"] or {}, moment(schedule["phases"][-1]["start_date"])
    if begins is None or begins <= now:
        return None
    try:
        plan, interval = Plan(int(note[NEXT_PLAN])), Interval(note[NEXT_INTERVAL])
        return Planned(plan, interval, int(note[NEXT_MINOR]), begins)
    except (KeyError, ValueError):  # made by hand at Stripe: what it says counts when its day comes
        return None


def _waiting(subscription: Any, now: datetime) -> Waiting | None:
    update = subscription["pending_update"]
    until = moment(update["expires_at"]) if update else None
    if until is None or until <= now or not update["subscription_items"]:
        return None
    price = update["subscription_items"][0]["price"]
    invoice = _id(subscription["latest_invoice"]) if subscription["latest_invoice"] else ""
    return Waiting(plan_of(_id(price["product"])), _interval(price), until, invoice)


def _interval(price: Any) -> Interval:
    recurring = price["recurring"]
    if not recurring or recurring["interval"] not in Interval.values or recurring["interval_count"] != 1:
        raise NotOurs(f"the price {price['id']} is paid neither by the month nor by the year")
    return Interval(recurring["interval"])


def _ends_with_period(subscription: Any, item: Any) -> bool:
    # Set from the billing portal it may come as a date instead of the flag.
    ends = subscription["cancel_at"]
    return bool(subscription["cancel_at_period_end"]) or bool(ends and ends >= item["current_period_end"])


def _coupon(subscription: Any) -> str:
    discounts = subscription["discounts"] or []
    names = []
    for discount in discounts:
        if isinstance(discount, str):
            continue
        source = discount["source"]
        coupon = source["coupon"] if source else None
        if coupon is not None:
            names.append(coupon if isinstance(coupon, str) else coupon["name"] or coupon["id"])
    return ", ".join(names)[:80]


def _id(reference: Any) -> str:
    return str(reference) if isinstance(reference, str) else str(reference["id"])


def invoice_values(invoice: Mapping[str, Any]) -> dict[str, Any]:
    """One invoice of ours as our row keeps it."""
    return {
        "number": invoice["number"] or "",
        "status": invoice["status"] or "draft",
        "minor": invoice["total"],
        "currency": invoice["currency"].upper(),
        "created_at": moment(invoice["created"]),
    }

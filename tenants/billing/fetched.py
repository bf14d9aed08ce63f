"""What Stripe says of an agency, read into our words. Pure: Stripe's object in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tenants.billing.models import LIVE, Interval, Status
from tenants.plans import Plan

# We name our products at Stripe, so a price tells its plan even after its lookup key has moved to a newer one.
PRODUCT_PREFIX = "portico_"
# Kept on the subscription at Stripe, so that everything about it can be read from one object.
KEEPS_PLAN, KEEPS_UNTIL = "keeps_plan", "keeps_until"


class NotOurs(ValueError):
    """The subscription is for something that is no plan of ours."""


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
    pending_plan: Plan | None
    pending_from: datetime | None
    coupon: str
    created: int


def read(subscription: Any, now: datetime) -> Fetched:
    """Read one subscription.

    A downgrade is noted at Stripe as the lower price, with the plan that is paid for in the metadata until
    its period is over: then the lower one counts, whether or not anybody tells us.

    Raises:
        NotOurs: its product or interval is none of ours.
    """
    item = subscription["items"]["data"][0]
    price = item["price"]
    plan = plan_of(_id(price["product"]))
    kept, until = _kept(subscription["metadata"] or {})
    is_pending = kept is not None and until is not None and until > now and kept != plan
    return Fetched(
        id=subscription["id"],
        item_id=item["id"],
        status=Status(subscription["status"]),
        plan=kept if is_pending and kept else plan,
        interval=_interval(price),
        minor=price["unit_amount"] or 0,
        currency=price["currency"].upper(),
        period_end=moment(item["current_period_end"]),
        trial_end=moment(subscription["trial_end"]),
        cancel_at_period_end=_ends_with_period(subscription, item),
        pending_plan=plan if is_pending else None,
        pending_from=until if is_pending else None,
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


def _kept(metadata: Any) -> tuple[Plan | None, datetime | None]:
    words = {key: metadata[key] for key in (KEEPS_PLAN, KEEPS_UNTIL) if key in metadata}
    if len(words) < 2 or not all(word.isdigit() for word in words.values()):
        return None, None
    number = int(words[KEEPS_PLAN])
    return (Plan(number) if number in Plan.values else None), moment(int(words[KEEPS_UNTIL]))


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

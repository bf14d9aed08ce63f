"""What operators give: a plan for nothing until a day, coupons, another plan for an agency that pays."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import Refused
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.buying import need_stripe
from tenants.billing.changing import reprice
from tenants.billing.models import AgencySubscription
from tenants.billing.refreshing import refresh, settle
from tenants.gateway.client import stripe_client
from tenants.plans import Plan

# A gift until further notice.
FOR_GOOD = datetime(2999, 1, 1, tzinfo=UTC)


class NotGiven(Refused):
    """It cannot be given like this."""


@dataclass(frozen=True)
class Coupon:
    """A coupon at Stripe, in words."""

    id: str
    name: str
    percent: float
    duration: str
    used: int
    is_valid: bool
    code: str = ""


def comp(agency_id: int, *, plan: Plan, until: datetime) -> AgencySubscription:
    """Give a plan for nothing until a moment; a subscription that is paid goes on beside it.

    Raises:
        NotGiven: the moment is over; the agency is suspended or gone.
    """
    if until <= clock.now():
        raise NotGiven("This day is over.", field="until")
    with transaction.atomic():
        agency = Agency.objects.select_for_update().get(pk=agency_id)
        if agency.state in (AgencyState.SUSPENDED, AgencyState.GONE):
            raise NotGiven("This agency is suspended or gone.")
        row, _ = AgencySubscription.objects.select_for_update().get_or_create(agency=agency)
        row.comp_plan, row.comp_until = plan, until
        row.save(update_fields=["comp_plan", "comp_until"])
    return settle(agency_id)


def end_comp(agency_id: int) -> AgencySubscription:
    """Take a gift back now."""
    AgencySubscription.objects.filter(agency_id=agency_id, comp_until__gt=clock.now()).update(
        comp_until=clock.now()
    )
    return settle(agency_id)


def coupons() -> list[Coupon]:
    """The coupons at Stripe, newest first."""
    need_stripe()
    client = stripe_client()
    codes: dict[str, str] = {}
    for one in client.v1.promotion_codes.list({"active": True, "limit": 100}).data:
        codes[str(one["promotion"]["coupon"])] = one["code"]
    return [_coupon(one, codes.get(one["id"], "")) for one in client.v1.coupons.list({"limit": 50}).data]


def make_coupon(*, name: str, percent: int, months: int | None, code: str = "") -> Coupon:
    """Make a coupon; `months` None: for ever, 1: once. With a `code` agencies can type it when they buy.

    Raises:
        stripe.StripeError: Stripe does not answer or refuses.
    """
    need_stripe()
    wanted: dict[str, Any] = {"name": name, "percent_off": percent, "duration": "forever"}
    if months is not None:
        wanted["duration"] = "once" if months == 1 else "repeating"
        if months > 1:
            wanted["duration_in_months"] = months
    params: Any = wanted
    made = stripe_client().v1.coupons.create(params)
    if code:
        stripe_client().v1.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": made["id"]}, "code": code}
        )
    return _coupon(made, code)


def apply_coupon(agency_id: int, coupon_id: str) -> AgencySubscription:
    """Put a coupon on the agency's subscription; from the next invoice on.

    Raises:
        NotGiven: it has none.
        stripe.StripeError: Stripe does not know the coupon, or does not answer.
    """
    need_stripe()
    row = refresh(agency_id)
    if not row.is_live:
        raise NotGiven(
            "This agency has no subscription. If the coupon has a code, it can type that when it buys.",
            field="coupon",
        )
    wanted: Any = {"discounts": [{"coupon": coupon_id}]}
    stripe_client().v1.subscriptions.update(str(row.stripe_subscription_id), wanted)
    return refresh(agency_id)


def take_coupons_off(agency_id: int) -> AgencySubscription:
    """Let the agency pay the whole price from the next invoice on.

    Raises:
        NotGiven: it has no subscription.
    """
    need_stripe()
    row = refresh(agency_id)
    if not row.is_live:
        raise NotGiven("This agency has no subscription.")
    wanted: Any = {"discounts": ""}
    stripe_client().v1.subscriptions.update(str(row.stripe_subscription_id), wanted)
    return refresh(agency_id)


def drop_coupon(coupon_id: str) -> None:
    """Let nobody use a coupon any more; who has it keeps it.

    Raises:
        stripe.StripeError: Stripe does not know it, or does not answer.
    """
    need_stripe()
    stripe_client().v1.coupons.delete(coupon_id)


def put_on(agency_id: int, plan: Plan) -> AgencySubscription:
    """Put an agency that pays on another plan now; it pays the other price from the next invoice on.

    Raises:
        NotGiven: it does not pay.
        stripe.StripeError: Stripe refuses or does not answer.
    """
    need_stripe()
    row = refresh(agency_id)
    if not row.is_live:
        raise NotGiven("This agency does not pay: change its plan on its own page.", field="plan")
    reprice(row, plan)
    return refresh(agency_id)


def _coupon(one: Any, code: str = "") -> Coupon:
    months = one["duration_in_months"]
    duration = {"forever": "for ever", "once": "once"}.get(one["duration"], f"for {months} months")
    return Coupon(
        id=one["id"],
        name=one["name"] or one["id"],
        percent=one["percent_off"] or 0,
        duration=duration,
        used=one["times_redeemed"],
        is_valid=one["valid"],
        code=code,
    )

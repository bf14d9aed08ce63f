"""An agency that has a plan takes a higher one at once, a lower one at the end of what is paid, or ends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit import clock
from kit.money import Money, from_stripe
from kit.refused import Refused
from tenants.billing.buying import need_stripe
from tenants.billing.fetched import KEEPS_PLAN, KEEPS_UNTIL
from tenants.billing.models import AgencySubscription, Interval, Status
from tenants.billing.prices import price_id, price_of
from tenants.billing.refreshing import refresh
from tenants.gateway.client import stripe_client
from tenants.plans import Plan


class CannotChange(Refused):
    """This change is not possible as things are."""


@dataclass(frozen=True)
class Preview:
    """What an upgrade costs now."""

    due: Money
    credit: Money
    next_price: Money
    at: int
    ends: datetime | None


def kind_of_change(row: AgencySubscription, plan: Plan, interval: Interval) -> str:
    """Whether this is "now", "later" or "none".

    Raises:
        CannotChange: from yearly to monthly, or nothing to change.
    """
    if not row.is_live or row.plan is None:
        raise CannotChange("There is no plan to change: choose one first.")
    if row.interval == Interval.YEAR and interval == Interval.MONTH:
        raise CannotChange(
            "A yearly plan runs to the end of its year. Cancel it for then, and choose a monthly one after."
        )
    if plan < row.plan:
        if interval != row.interval:
            raise CannotChange("Choose the lower plan first; it can be paid yearly from then on.")
        return "later"
    if plan == row.plan and interval == row.interval:
        return "none"
    return "now"


def preview_upgrade(agency_id: int, plan: Plan, interval: Interval) -> Preview:
    """What would be charged if the upgrade happened at this second. Changes nothing but a planned downgrade's note.

    Raises:
        CannotChange: it is no upgrade, or a payment is open.
        stripe.StripeError: Stripe does not answer or refuses.
    """
    need_stripe()
    row = refresh(agency_id)
    _need_upgrade(row, plan, interval)
    at = int(clock.now().timestamp())
    invoice = stripe_client().v1.invoices.create_preview(
        {
            "customer": str(row.stripe_customer_id),
            "subscription": str(row.stripe_subscription_id),
            "subscription_details": {
                "items": [{"id": row.stripe_item_id, "price": price_id(plan, interval)}],
                "proration_behavior": "always_invoice",
                "proration_date": at,
            },
        }
    )
    currency = invoice["currency"].upper()
    credit = sum(min(0, line["amount"]) for line in invoice["lines"]["data"])
    return Preview(
        due=Money(from_stripe(invoice["amount_due"], currency), currency),
        credit=Money(from_stripe(-credit, currency), currency),
        next_price=price_of(plan, interval),
        at=at,
        ends=row.period_end,
    )


def upgrade(agency_id: int, plan: Plan, interval: Interval, *, at: int) -> AgencySubscription:
    """Put the agency on a higher plan, or on yearly payment, now; the difference is charged at once.

    Args:
        at: the second for which the price was shown; an hour later it is asked for anew.

    Raises:
        CannotChange: no upgrade; the price shown is old; the card was refused (nothing is changed then).
        stripe.StripeError: Stripe does not answer or refuses for another reason.
    """
    import stripe

    need_stripe()
    row = refresh(agency_id)
    _need_upgrade(row, plan, interval)
    if not 0 <= clock.now().timestamp() - at <= 3600:
        raise CannotChange("This price was shown a while ago. Please look at it once more.")
    wanted: Any = {
        "items": [{"id": row.stripe_item_id, "price": price_id(plan, interval)}],
        "proration_behavior": "always_invoice",
        "proration_date": at,
        "payment_behavior": "error_if_incomplete",
        "cancel_at_period_end": False,
    }
    key = f"upgrade:{row.stripe_subscription_id}:{plan.value}:{interval.value}:{at}"
    try:
        stripe_client().v1.subscriptions.update(
            str(row.stripe_subscription_id), wanted, {"idempotency_key": key}
        )
    except stripe.CardError as error:
        raise CannotChange(
            f"Your card was refused ({error.user_message or 'no reason given'}) and nothing was changed. "
            "Change the card, then try again."
        ) from error
    return refresh(agency_id)


def downgrade(agency_id: int, plan: Plan) -> AgencySubscription:
    """Let the lower plan begin when the paid period ends; until then nothing changes.

    At Stripe the price is the lower one from now on, without proration, and the metadata says until when
    the present plan is kept (`fetched.read`).

    Raises:
        CannotChange: it is not lower, or a payment is open.
    """
    need_stripe()
    row = refresh(agency_id)
    if row.status == Status.PAST_DUE:
        raise CannotChange("A payment is open. See to it first, then change the plan.")
    if row.plan is None or kind_of_change(row, plan, Interval(row.interval)) != "later" or not row.period_end:
        raise CannotChange("This plan is not lower than yours.")
    reprice(row, plan, keeps=Plan(row.plan), until=row.period_end)
    return refresh(agency_id)


def undo_downgrade(agency_id: int) -> AgencySubscription:
    """Stay on the present plan. Nothing planned is as good as done."""
    need_stripe()
    row = refresh(agency_id)
    if row.pending_plan is not None and row.plan is not None:
        reprice(row, Plan(row.plan))
    return refresh(agency_id)


def cancel(agency_id: int) -> AgencySubscription:
    """End the plan when the paid period ends.

    Raises:
        CannotChange: there is none.
    """
    return _set_ending(agency_id, True)


def undo_cancel(agency_id: int) -> AgencySubscription:
    """Go on after all."""
    return _set_ending(agency_id, False)


def reprice(
    row: AgencySubscription, plan: Plan, *, keeps: Plan | None = None, until: datetime | None = None
) -> None:
    """Put another price on the subscription without charging for it now; `keeps` is the plan until that moment."""
    note = {
        KEEPS_PLAN: str(keeps.value) if keeps else "",
        KEEPS_UNTIL: str(int(until.timestamp())) if until else "",
    }
    wanted: Any = {
        "items": [{"id": row.stripe_item_id, "price": price_id(plan, Interval(row.interval))}],
        "proration_behavior": "none",
        "metadata": note,
    }
    stripe_client().v1.subscriptions.update(str(row.stripe_subscription_id), wanted)


def _set_ending(agency_id: int, is_ending: bool) -> AgencySubscription:
    need_stripe()
    row = refresh(agency_id)
    if not row.is_live:
        raise CannotChange("There is no plan to end.")
    wanted: Any = {"cancel_at_period_end": is_ending}
    stripe_client().v1.subscriptions.update(str(row.stripe_subscription_id), wanted)
    return refresh(agency_id)


def _need_upgrade(row: AgencySubscription, plan: Plan, interval: Interval) -> None:
    if row.status == Status.PAST_DUE:
        raise CannotChange("A payment is open. See to it first, then change the plan.")
    if kind_of_change(row, plan, interval) != "now":
        raise CannotChange("This is no higher plan than yours.")
    if row.pending_plan is not None:
        # Else the difference would be counted from the lower price, which was never paid.
        raise CannotChange("A lower plan is to begin soon. Undo that first.")

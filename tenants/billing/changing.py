"""An agency that has a plan takes a higher one at once, once that is paid; a lower one, or monthly payment, when
what is paid is over; or ends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from kit import clock
from kit.money import Money, from_stripe
from kit.refused import Refused
from tenants.billing.buying import need_stripe
from tenants.billing.models import AgencySubscription, Interval, Status
from tenants.billing.prices import price_id, price_of
from tenants.billing.refreshing import refresh
from tenants.billing.scheduling import forget_plans, plan_ahead
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
        CannotChange: there is no plan; a higher one is to be paid by the month before a paid year is over.
    """
    if not row.is_live or row.plan is None:
        raise CannotChange("There is no plan to change: choose one first.")
    if plan == row.plan and interval == row.interval:
        return "none"
    if row.interval == Interval.YEAR and interval == Interval.MONTH:
        if plan > row.plan:
            raise CannotChange(
                f"Your year is paid. Upgrade to {plan.label} by the year now, or go on by the month when it is over."
            )
        return "later"
    return "later" if plan < row.plan else "now"


def preview_upgrade(agency_id: int, plan: Plan, interval: Interval) -> Preview:
    """What would be charged if the upgrade happened at this second. Changes nothing.

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

    If the bank wants the owner to confirm, or refuses the card, the present plan stays and the row says what
    waits (`waiting_plan`): the other one begins when the invoice is paid, or is dropped after a day.

    Args:
        at: the second for which the price was shown; an older one than an hour is asked for anew.

    Raises:
        CannotChange: no upgrade; the price shown is old; the payment was refused (nothing is changed then).
        stripe.StripeError: Stripe does not answer or refuses for another reason.
    """
    need_stripe()
    row = refresh(agency_id)
    _need_upgrade(row, plan, interval)
    if not 0 <= clock.now().timestamp() - at <= 3600:
        raise CannotChange("This price was shown a while ago. Please look at it once more.")
    if row.stripe_schedule_id:  # one whose turn has come already
        forget_plans(row)
    wanted = {
        "items": [{"id": row.stripe_item_id, "price": price_id(plan, interval)}],
        "proration_behavior": "always_invoice",
        "proration_date": at,
    }
    _charge_for(row, wanted, f"upgrade:{row.stripe_subscription_id}:{plan.value}:{interval.value}:{at}")
    return refresh(agency_id)


def drop_upgrade(agency_id: int) -> AgencySubscription:
    """Do not upgrade after all, while it waits to be paid. Nothing that waits is as good as done.

    Raises:
        CannotChange: it has just been paid.
    """
    import stripe

    need_stripe()
    row = refresh(agency_id)
    if row.waiting_invoice:
        try:
            stripe_client().v1.invoices.void_invoice(row.waiting_invoice)
        except stripe.InvalidRequestError as error:
            refresh(agency_id)
            raise CannotChange("The upgrade has just been paid.") from error
    return refresh(agency_id)


def downgrade(agency_id: int, plan: Plan, interval: Interval) -> AgencySubscription:
    """Let the lower plan, or monthly payment, begin when the paid period ends; until then nothing changes.

    Raises:
        CannotChange: it is neither, the plan is to end, or a payment is open.
    """
    need_stripe()
    row = refresh(agency_id)
    _need_peace(row)
    if kind_of_change(row, plan, interval) != "later" or not row.period_end:
        raise CannotChange("This plan is not lower than yours.")
    plan_ahead(row, plan, interval)
    return refresh(agency_id)


def undo_downgrade(agency_id: int) -> AgencySubscription:
    """Stay on the present plan. Nothing planned is as good as done."""
    need_stripe()
    row = refresh(agency_id)
    if row.pending_plan is not None:
        forget_plans(row)
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


def reprice(row: AgencySubscription, plan: Plan) -> None:
    """Put another plan's price on the subscription without charging for it now; what was planned is off."""
    if row.stripe_schedule_id:
        forget_plans(row)
    wanted: Any = {
        "items": [{"id": row.stripe_item_id, "price": price_id(plan, Interval(row.interval))}],
        "proration_behavior": "none",
    }
    stripe_client().v1.subscriptions.update(str(row.stripe_subscription_id), wanted)


def _set_ending(agency_id: int, is_ending: bool) -> AgencySubscription:
    need_stripe()
    row = refresh(agency_id)
    if not row.is_live:
        raise CannotChange("There is no plan to end.")
    if row.stripe_schedule_id:  # Stripe ends no subscription that has other plans
        forget_plans(row)
    wanted: Any = {"cancel_at_period_end": is_ending}
    stripe_client().v1.subscriptions.update(str(row.stripe_subscription_id), wanted)
    return refresh(agency_id)


def _charge_for(row: AgencySubscription, wanted: dict[str, Any], key: str) -> None:
    import stripe

    update = stripe_client().v1.subscriptions.update
    waits: Any = {**wanted, "payment_behavior": "pending_if_incomplete"}
    try:
        update(str(row.stripe_subscription_id), waits, {"idempotency_key": key})
    except stripe.CardError as error:
        _say_refused(error)
    except stripe.InvalidRequestError:
        # A direct debit cannot wait: it is taken now, or nothing is changed.
        at_once: Any = {**wanted, "payment_behavior": "error_if_incomplete"}
        try:
            update(str(row.stripe_subscription_id), at_once, {"idempotency_key": f"{key}:now"})
        except stripe.CardError as error:
            _say_refused(error)


def _say_refused(error: Any) -> NoReturn:
    raise CannotChange(
        f"The payment was refused ({error.user_message or 'no reason given'}) and nothing was changed. "
        "Change the card, then try again."
    ) from error


def _need_peace(row: AgencySubscription) -> None:
    if row.status == Status.PAST_DUE:
        raise CannotChange("A payment is open. See to it first, then change the plan.")
    if row.cancel_at_period_end:
        raise CannotChange("Your plan is to end. Let it go on first, then change it.")


def _need_upgrade(row: AgencySubscription, plan: Plan, interval: Interval) -> None:
    _need_peace(row)
    if kind_of_change(row, plan, interval) != "now":
        raise CannotChange("This is no higher plan than yours.")
    if row.pending_plan is not None:
        raise CannotChange("Another plan is to begin soon. Undo that first.")

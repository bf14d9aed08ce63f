"""What an operator may do to what an agency pays. Each act needs a reason and leaves an entry, or does nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kit import clock
from kit.money import Money
from tenants.accounts.models import Account
from tenants.billing import comps, prices
from tenants.billing.models import AgencySubscription, Interval
from tenants.billing.refreshing import refresh
from tenants.operators.models import Entry
from tenants.plans import Plan


@dataclass(frozen=True)
class Act:
    """One thing to do: its name in the log, the button's words, the deed (agency, answers → what it is after)."""

    verb: str
    label: str
    do: Callable[[int, dict[str, Any]], str]


def _comp(agency_id: int, answers: dict[str, Any]) -> str:
    until = clock.now() + timedelta(days=answers["days"]) if answers["days"] else comps.FOR_GOOD
    comps.comp(agency_id, plan=answers["plan"], until=until)
    return f"{answers['plan'].label} " + (
        f"until {until:%Y-%m-%d}" if answers["days"] else "until further notice"
    )


def _end_comp(agency_id: int, answers: dict[str, Any]) -> str:
    comps.end_comp(agency_id)
    return "ended"


def _plan(agency_id: int, answers: dict[str, Any]) -> str:
    comps.put_on(agency_id, answers["plan"])
    return str(answers["plan"].label)


def _coupon(agency_id: int, answers: dict[str, Any]) -> str:
    comps.apply_coupon(agency_id, answers["coupon"])
    return str(answers["coupon"])


def _coupon_off(agency_id: int, answers: dict[str, Any]) -> str:
    comps.take_coupons_off(agency_id)
    return "no coupon"


def _refresh(agency_id: int, answers: dict[str, Any]) -> str:
    return str(refresh(agency_id).get_status_display())


ACTS = {
    "comp": Act("comp", "Give it", _comp),
    "end-comp": Act("comp", "Take it back", _end_comp),
    "plan": Act("paid plan", "Change what it pays", _plan),
    "coupon": Act("coupon", "Put it on", _coupon),
    "coupon-off": Act("coupon", "Take it off", _coupon_off),
    "refresh": Act("refresh", "Ask Stripe now", _refresh),
}


def act(agency_id: int, what: str, answers: dict[str, Any], *, operator: Account) -> None:
    """Do one of ACTS.

    Raises:
        Refused: its state does not allow it.
        stripe.StripeError: Stripe refuses or does not answer.
    """
    row, _ = AgencySubscription.objects.get_or_create(agency_id=agency_id)
    before = row.get_status_display()
    after = ACTS[what].do(agency_id, answers)
    _note(operator, ACTS[what].verb, before, after, answers["reason"], agency_id)


def set_price(*, plan: Plan, interval: Interval, price: Money, operator: Account, reason: str) -> None:
    """Another price for new buyers; it is made at Stripe when somebody buys."""
    before = f"{plan.label} {interval.label} {prices.price_of(plan, interval)}"
    prices.set_price(plan, interval, price)
    _note(operator, "price", before, str(price), reason)


def make_coupon(
    *, name: str, percent: int, months: int | None, code: str, operator: Account, reason: str
) -> None:
    """A coupon at Stripe."""
    made = comps.make_coupon(name=name, percent=percent, months=months, code=code)
    _note(operator, "coupon", "", f"{made.name}: {percent} % {made.duration}", reason)


def drop_coupon(*, coupon: str, operator: Account, reason: str) -> None:
    """No new use of a coupon."""
    comps.drop_coupon(coupon)
    _note(operator, "coupon", coupon, "dropped", reason)


def _note(
    operator: Account, verb: str, before: str, after: str, reason: str, agency_id: int | None = None
) -> None:
    Entry.objects.create(
        operator_id=operator.pk,
        operator=operator.email,
        agency_id=agency_id,
        verb=verb,
        before=before[:80],
        after=after[:80],
        reason=reason,
    )

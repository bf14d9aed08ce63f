"""One subscription as Stripe says it, read into our words; a lower price that waits for its day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants.billing.fetched import NotOurs, Planned, read, the_one
from tenants.billing.models import Interval, Status
from tenants.plans import Plan

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
END = int((NOW + timedelta(days=10)).timestamp())


def said(**changes: Any) -> dict[str, Any]:
    price = {
        "id": "price_1",
        "product": changes.pop("product", "portico_growth"),
        "unit_amount": 7900,
        "currency": "eur",
        "recurring": {"interval": changes.pop("interval", "month"), "interval_count": 1},
    }
    return {
        "id": "sub_1",
        "status": "active",
        "items": {"data": [{"id": "si_1", "price": price, "current_period_end": END}]},
        "metadata": {},
        "trial_end": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "discounts": [],
        "created": 1,
        "schedule": None,
        "pending_update": None,
        "latest_invoice": None,
    } | changes


def test_a_price_tells_its_plan_by_the_product() -> None:
    one = read(said(), NOW)
    assert (one.plan, one.interval, one.minor, one.currency) == (Plan.GROWTH, Interval.MONTH, 7900, "EUR")
    assert one.period_end == datetime.fromtimestamp(END, UTC)


@pytest.mark.parametrize("wrong", [{"product": "prod_else"}, {"product": "portico_"}, {"interval": "week"}])
def test_what_is_no_plan_of_ours_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(NotOurs):
        read(said(**wrong), NOW)


NOTE = {"plan": "1", "interval": "year", "minor": "29000"}


def schedule(note: dict[str, str], **changes: Any) -> dict[str, Any]:
    phases = [{"start_date": END - 99}, {"start_date": END}]
    return {"id": "sub_sched_1", "status": "active", "phases": phases, "metadata": note} | changes


def test_what_is_scheduled_begins_when_the_paid_period_is_over() -> None:
    noted = said(schedule=schedule(NOTE))
    before, after = read(noted, NOW), read(noted, NOW + timedelta(days=10))
    assert (
        before.planned == Planned(Plan.STARTER, Interval.YEAR, 29000, datetime.fromtimestamp(END, UTC))
        and before.schedule_id == "sub_sched_1"
    )
    assert (before.plan, before.minor) == (Plan.GROWTH, 7900)
    assert after.planned is None


@pytest.mark.parametrize("nothing", [
    schedule({}), schedule({**NOTE, "plan": "9"}), schedule({**NOTE, "plan": "x"}),
    schedule({**NOTE, "interval": "week"}), schedule(NOTE, status="released"),
    schedule(NOTE, phases=[{"start_date": END}]),
])  # fmt: skip
def test_a_schedule_that_says_nothing_plans_nothing(nothing: dict[str, Any]) -> None:
    assert read(said(schedule=nothing), NOW).planned is None


def test_an_upgrade_that_is_not_paid_waits_and_is_over_with_its_time() -> None:
    price = said(product="portico_scale")["items"]["data"][0]["price"]
    update = {"expires_at": END, "subscription_items": [{"price": price}]}
    waiting = said(pending_update=update, latest_invoice="in_1")
    found = read(waiting, NOW)
    assert found.plan == Plan.GROWTH and found.waiting
    assert (found.waiting.plan, found.waiting.invoice) == (Plan.SCALE, "in_1")
    assert read(waiting, NOW + timedelta(days=11)).waiting is None


def test_an_end_set_as_a_date_in_the_billing_portal_is_an_end() -> None:
    assert read(said(cancel_at=END), NOW).cancel_at_period_end
    assert not read(said(), NOW).cancel_at_period_end


def test_which_subscription_counts_does_not_depend_on_the_order() -> None:
    dead = read(said(id="sub_0", status="canceled", created=9), NOW)
    first = read(said(id="sub_1", created=2), NOW)
    second = read(said(id="sub_2", created=3, status="past_due"), NOW)
    for order in ([dead, first, second], [second, first, dead], [first, dead, second]):
        assert the_one(order) == (first, True)
    assert the_one([dead, second]) == (second, False)
    assert the_one([dead]) == (dead, False) and dead.status == Status.CANCELED
    assert the_one([]) == (None, False)

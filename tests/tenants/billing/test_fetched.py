"""One subscription as Stripe says it, read into our words; a lower price that waits for its day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants.billing.fetched import NotOurs, read, the_one
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
    } | changes


def test_a_price_tells_its_plan_by_the_product() -> None:
    one = read(said(), NOW)
    assert (one.plan, one.interval, one.minor, one.currency) == (Plan.GROWTH, Interval.MONTH, 7900, "EUR")
    assert one.period_end == datetime.fromtimestamp(END, UTC)


@pytest.mark.parametrize("wrong", [{"product": "prod_else"}, {"product": "portico_"}, {"interval": "week"}])
def test_what_is_no_plan_of_ours_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(NotOurs):
        read(said(**wrong), NOW)


def test_a_lower_price_counts_when_the_paid_period_is_over() -> None:
    noted = said(product="portico_starter", metadata={"keeps_plan": "2", "keeps_until": str(END)})
    before, after = read(noted, NOW), read(noted, NOW + timedelta(days=10))
    assert (before.plan, before.pending_plan) == (Plan.GROWTH, Plan.STARTER)
    assert (after.plan, after.pending_plan) == (Plan.STARTER, None)


@pytest.mark.parametrize("note", [{}, {"keeps_plan": ""}, {"keeps_plan": "9", "keeps_until": str(END)},
                                  {"keeps_plan": "x", "keeps_until": "y"}])  # fmt: skip
def test_a_note_that_says_nothing_is_no_note(note: dict[str, str]) -> None:
    one = read(said(metadata=note), NOW)
    assert (one.plan, one.pending_plan) == (Plan.GROWTH, None)


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

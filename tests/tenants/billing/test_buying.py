"""An owner buys a plan from Stripe, changes it and ends it; what counts is what Stripe says when it is asked."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from infra.stripe_simulator.commands import Refused
from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.billing import buying, prices
from tenants.billing.models import AgencySubscription, Interval, PlanInvoice
from tenants.gateway.client import stripe_client
from tenants.plans import Plan
from tenants.routing import hosts
from tests.tenants.billing.conftest import DECLINED, FAILS_LATER, PAID, Desk

GROWTH_MONTH = {"plan": 2, "interval": "month"}
SCALE_MONTH = {"plan": 3, "interval": "month"}


def shown_moment(page: str) -> str:
    found = re.search(r'name="at" value="(\d+)"', page)
    assert found, page
    return found[1]


def test_prices_are_made_once_and_again_only_for_another_amount(stripe: Any, db: None) -> None:
    first = prices.make_all()
    assert set(first) == {
        f"portico_{p}_{i}" for p in ("starter", "growth", "scale") for i in ("month", "year")
    }
    assert prices.make_all() == first
    dearer = prices.price_of(Plan.GROWTH, Interval.MONTH) + prices.price_of(Plan.STARTER, Interval.MONTH)
    prices.set_price(Plan.GROWTH, Interval.MONTH, dearer)
    second = prices.make_all()
    assert [key for key in first if first[key] != second[key]] == ["portico_growth_month"]


def test_a_plan_is_bought_and_opens_when_the_webhook_comes(desk: Desk) -> None:
    desk.buy()
    assert desk.now == (Plan.STARTER, AgencyState.READ_ONLY)
    desk.hear()
    assert desk.now == (Plan.GROWTH, AgencyState.ACTIVE)
    assert hosts.by_slug("northwind").plan == Plan.GROWTH  # type: ignore[union-attr]
    row = desk.row
    assert (row.status, row.interval, row.minor, row.currency) == ("active", "month", 7900, "EUR")
    assert row.period_end and timedelta(27) < row.period_end - clock.now() < timedelta(32)
    page = desk.page()
    assert "€79.00 a month" in page and "Upgrade to Scale" in page and "Go down to Starter" in page


def test_the_way_back_asks_stripe_and_believes_no_address(desk: Desk) -> None:
    assert "on its way" in desk.page("done/?session_id=cs_paid&status=complete")
    assert desk.now[1] == AgencyState.READ_ONLY
    desk.buy()
    assert "You are on Growth now" in desk.page("done/")
    assert desk.now == (Plan.GROWTH, AgencyState.ACTIVE)


def test_what_is_left_of_the_trial_stays_free(desk: Desk) -> None:
    ends = clock.now() + timedelta(days=9)
    Agency.objects.filter(pk=desk.agency.id).update(state=AgencyState.TRIAL, trial_ends_at=ends)
    hosts.forget_all()
    desk.buy()
    desk.hear()
    row = desk.row
    assert row.status == "trialing" and row.trial_end and abs(row.trial_end - ends) < timedelta(seconds=2)
    assert desk.now == (Plan.GROWTH, AgencyState.ACTIVE)
    assert [invoice.minor for invoice in PlanInvoice.objects.filter(agency_id=desk.agency.id)] == [0]


def test_who_has_a_plan_cannot_buy_a_second_one(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    desk.post("checkout", **SCALE_MONTH)
    assert "You have a plan already" in desk.page()


def test_a_second_tab_closes_the_checkout_of_the_first(desk: Desk) -> None:
    desk.post("checkout", **GROWTH_MONTH)
    desk.post("checkout", **SCALE_MONTH)
    found = stripe_client().v1.checkout.sessions.list({"customer": str(desk.row.stripe_customer_id)}).data
    assert sorted(session["status"] for session in found) == ["expired", "open"]


def test_two_subscriptions_at_once_are_flagged_and_the_older_one_counts(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    price = prices.price_id(Plan.SCALE, Interval.MONTH)
    method = stripe_client().v1.customers.payment_methods.list(str(desk.row.stripe_customer_id)).data[0]["id"]
    time.sleep(1)  # Stripe counts in seconds: of two in the same one neither is older
    stripe_client().v1.subscriptions.create(
        {
            "customer": str(desk.row.stripe_customer_id),
            "items": [{"price": price}],
            "default_payment_method": method,
        }
    )
    desk.hear()
    assert desk.row.is_doubled and desk.now[0] == Plan.GROWTH


def test_an_upgrade_shows_its_price_charges_it_and_counts_at_once(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    page = desk.page("change/?plan=3&interval=month")
    due = re.search(r"You pay now</dt><dd><strong>€([\d.]+)", page)
    assert due and 115 < float(due[1]) <= 120  # 199 − 79 for nearly the whole month
    desk.post("upgrade", **SCALE_MONTH, at=shown_moment(page))
    assert desk.now == (Plan.SCALE, AgencyState.ACTIVE)
    paid = PlanInvoice.objects.filter(agency_id=desk.agency.id).latest("created_at", "pk")
    assert f"{paid.minor / 100:.2f}" == due[1] and paid.status == "paid"


def test_an_upgrade_sent_twice_is_charged_once(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    at = shown_moment(desk.page("change/?plan=3&interval=month"))
    for _ in range(2):
        desk.post("upgrade", **SCALE_MONTH, at=at)
    desk.hear()
    assert PlanInvoice.objects.filter(agency_id=desk.agency.id).count() == 2


def test_a_price_shown_long_ago_is_not_charged(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    for at in (int(clock.now().timestamp()) - 4000, int(clock.now().timestamp()) + 4000, 0):
        desk.post("upgrade", **SCALE_MONTH, at=at)
        assert "shown a while ago" in desk.page()
    assert desk.now[0] == Plan.GROWTH


def test_a_refused_card_changes_nothing(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    at = shown_moment(desk.page("change/?plan=3&interval=month"))
    desk.pay_later(FAILS_LATER, days=0)
    desk.post("upgrade", **SCALE_MONTH, at=at)
    assert "Your card was refused" in desk.page("unpaid/")
    desk.hear()
    assert desk.now == (Plan.GROWTH, AgencyState.ACTIVE)
    assert desk.row.waiting_for == "card"


def test_monthly_becomes_yearly_now_and_yearly_monthly_when_the_year_is_over(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    page = desk.page("change/?plan=2&interval=year")
    desk.post("upgrade", plan=2, interval="year", at=shown_moment(page))
    row = desk.row
    assert (row.interval, row.minor) == ("year", 79000)
    assert row.period_end and row.period_end - clock.now() > timedelta(360)
    assert "Upgrade to Scale by the year now" in desk.page("change/?plan=3&interval=month")
    assert "Pay Growth by the month?" in desk.page("change/?plan=2&interval=month")
    bills = PlanInvoice.objects.filter(agency_id=desk.agency.id).count()
    desk.post("downgrade", plan=2, interval="month")
    desk.hear()
    row = desk.row
    assert (row.interval, row.pending_interval, row.pending_minor) == ("year", "month", 7900)
    assert row.period_end == row.pending_from and PlanInvoice.objects.count() == bills
    assert "then Growth for €79.00 a month" in desk.page()
    assert row.period_end
    with time_machine.travel(row.period_end + timedelta(hours=1), tick=True):
        desk.stripe.advance(days=366)
        desk.hear()
        row = desk.row
        assert (row.plan, row.interval, row.minor, row.pending_plan) == (2, "month", 7900, None)
        assert PlanInvoice.objects.filter(agency_id=desk.agency.id).latest("created_at", "pk").minor == 7900


def test_a_downgrade_waits_for_the_end_of_what_is_paid_and_can_be_undone(desk: Desk) -> None:
    desk.buy(plan=3)
    desk.hear()
    assert "Nothing is deleted" in desk.page("change/?plan=1&interval=month")
    desk.post("downgrade", plan=1, interval="month")
    desk.hear()
    row = desk.row
    assert (row.plan, row.pending_plan, row.pending_from) == (Plan.SCALE, Plan.STARTER, row.period_end)
    assert desk.now == (Plan.SCALE, AgencyState.ACTIVE)
    assert (
        "Stay on Scale" in desk.page() and PlanInvoice.objects.filter(agency_id=desk.agency.id).count() == 1
    )
    desk.post("stay")
    desk.hear()
    assert desk.row.pending_plan is None and desk.now[0] == Plan.SCALE and desk.row.minor == 19900


def test_a_downgrade_is_followed_by_the_lower_bill(desk: Desk) -> None:
    desk.buy(plan=3)
    desk.hear()
    desk.post("downgrade", plan=1, interval="month")
    desk.stripe.advance(days=32)
    with time_machine.travel(clock.now() + timedelta(days=32), tick=True):
        desk.hear()
        assert desk.now == (Plan.STARTER, AgencyState.ACTIVE) and desk.row.pending_plan is None
    assert PlanInvoice.objects.filter(agency_id=desk.agency.id).latest("created_at", "pk").minor == 2900


def test_a_higher_plan_is_not_sold_at_the_lower_plans_difference(desk: Desk) -> None:
    desk.buy(plan=2)
    desk.hear()
    desk.post("downgrade", plan=1, interval="month")
    assert "Undo that first" in desk.page("change/?plan=3&interval=month")
    assert "A change is planned" in desk.page()


def test_a_plan_that_is_ended_runs_to_its_end_and_can_go_on(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    assert "Nothing is deleted for 90 days" in desk.page("ending/")
    desk.post("end")
    assert desk.row.cancel_at_period_end and desk.now[1] == AgencyState.ACTIVE
    assert "Go on with the plan" in desk.page()
    desk.post("go-on")
    assert not desk.row.cancel_at_period_end
    desk.post("end")
    desk.stripe.advance(days=32)
    desk.hear()
    assert desk.row.status == "canceled" and desk.now == (Plan.GROWTH, AgencyState.READ_ONLY)
    desk.buy(plan=1)
    desk.hear()
    assert desk.now == (Plan.STARTER, AgencyState.ACTIVE)


def test_invoices_are_listed_and_led_to_and_only_ones_own(desk: Desk, harbour: CurrentAgency) -> None:
    desk.buy()
    desk.hear()
    own = PlanInvoice.objects.get(agency_id=desk.agency.id)
    assert own.number in desk.page() and (own.minor, own.status) == (7900, "paid")
    answer = desk.browser.get(f"/northwind/plan/invoices/{own.stripe_id}/")
    assert answer.status_code == 302 and answer["Location"].startswith(desk.stripe.pages)
    with pytest.raises(PlanInvoice.DoesNotExist):
        buying.invoice_address(harbour.id, own.stripe_id)


def test_the_billing_portal_is_stripes(desk: Desk) -> None:
    desk.post("card")
    assert "nothing to manage yet" in desk.page()
    desk.buy()
    assert desk.post("card")["Location"].startswith(desk.stripe.pages)


def test_a_declined_first_card_buys_nothing(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.buy(card=DECLINED)
    desk.hear()
    assert desk.now == (Plan.STARTER, AgencyState.READ_ONLY)


def test_stripe_that_does_not_answer_changes_nothing_and_is_said(desk: Desk) -> None:
    desk.stripe.fault("/v1/customers", status=500, times=9)
    desk.post("checkout", **GROWTH_MONTH)
    assert "Stripe does not answer" in desk.page()
    desk.stripe.clear_faults()
    desk.buy(card=PAID)
    desk.hear()
    assert desk.now[1] == AgencyState.ACTIVE and AgencySubscription.objects.count() == 1

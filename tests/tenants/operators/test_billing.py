"""Operators see what agencies pay; what they give and change needs a reason and is in the log."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from kit import clock
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription, Interval
from tenants.billing.prices import price_of
from tenants.operators.models import Entry
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser

WHY = "Partner of ours"


def act(browser: Browser, agency: CurrentAgency, what: str, **answers: object) -> int:
    names = {f"{what}-{key}": value for key, value in ({"reason": WHY} | answers).items()}
    return browser.post(f"/operators/billing/{agency.id}/{what}/", names).status_code


def test_a_plan_is_given_for_nothing_with_an_end_and_taken_back(
    otto_browser: Browser, harbour: CurrentAgency
) -> None:
    assert act(otto_browser, harbour, "comp", plan=3, days=30) == 302
    agency = Agency.objects.get(pk=harbour.id)
    assert (agency.plan, agency.state) == (Plan.SCALE, AgencyState.ACTIVE)
    row = AgencySubscription.objects.get(agency=agency)
    assert row.comp_until and timedelta(29) < row.comp_until - clock.now() <= timedelta(30)
    assert WHY in otto_browser.get(f"/operators/billing/{harbour.id}/").content.decode()
    assert "Harbour" in otto_browser.get("/operators/billing/?status=comp").content.decode()
    assert act(otto_browser, harbour, "end-comp") == 302
    assert Agency.objects.get(pk=harbour.id).state == AgencyState.READ_ONLY
    assert [entry.verb for entry in Entry.objects.all()] == ["comp", "comp"]


@pytest.mark.parametrize(
    ("what", "answers"),
    [
        ("comp", {"plan": 3, "days": 30, "reason": ""}),
        ("comp", {"plan": 9, "days": 30}),
        ("comp", {"plan": 3, "days": 0}),
        ("coupon", {"coupon": "a b"}),
        ("plan", {"plan": 3}),  # it does not pay
        ("coupon", {"coupon": "SPRING"}),
    ],
)
def test_what_is_refused_leaves_no_entry(
    otto_browser: Browser, harbour: CurrentAgency, what: str, answers: dict[str, object]
) -> None:
    assert act(otto_browser, harbour, what, **answers) == 422
    assert not Entry.objects.exists() and Agency.objects.get(pk=harbour.id).plan == Plan.STARTER


def test_the_plan_of_an_agency_that_pays_is_not_changed_behind_stripes_back(
    otto_browser: Browser, harbour: CurrentAgency
) -> None:
    AgencySubscription.objects.create(agency_id=harbour.id, status="active", plan=1, interval="month")
    answers = {"plan-plan": 3, "plan-reason": WHY}
    page = otto_browser.post(f"/operators/agencies/{harbour.id}/plan/", answers).content.decode()
    assert "change that under Billing" in page and Agency.objects.get(pk=harbour.id).plan == Plan.STARTER


def test_who_has_stopped_paying_is_given_a_plan_and_not_a_state(
    otto_browser: Browser, harbour: CurrentAgency
) -> None:
    AgencySubscription.objects.create(agency_id=harbour.id, status="canceled", plan=1, interval="month")
    Agency.objects.filter(pk=harbour.id).update(state=AgencyState.READ_ONLY)
    answers = {"state-state": "active", "state-reason": WHY}
    page = otto_browser.post(f"/operators/agencies/{harbour.id}/state/", answers).content.decode()
    assert "give it a plan under Billing" in page
    assert Agency.objects.get(pk=harbour.id).state == AgencyState.READ_ONLY
    assert act(otto_browser, harbour, "comp", plan=2, days=30) == 302
    assert Agency.objects.get(pk=harbour.id).state == AgencyState.ACTIVE


def test_another_price_counts_for_the_next_buyer_and_is_logged(otto_browser: Browser) -> None:
    said = {"plan": 2, "interval": "month", "amount": "89.50", "reason": WHY}
    assert otto_browser.post("/operators/billing/prices/", said).status_code == 302
    assert price_of(Plan.GROWTH, Interval.MONTH).minor == 8950
    assert Entry.objects.get().verb == "price"
    for amount in ("0", "-1", "89.505", "x", "1e99"):
        assert otto_browser.post("/operators/billing/prices/", said | {"amount": amount}).status_code == 422


def test_without_stripe_the_pages_say_so(otto_browser: Browser) -> None:
    assert "Please write to us" in otto_browser.get("/operators/billing/coupons/").content.decode()
    for query in ("", "?q=%00", "?status=x", "?page=x"):
        assert otto_browser.get(f"/operators/billing/{query}").status_code == 200
    assert otto_browser.get("/operators/billing/999999/").status_code == 404


def test_staff_do_not_find_these_pages(alice: Account, northwind: CurrentAgency) -> None:
    browser = console_browser(alice)
    for path in ("", "prices/", "coupons/", f"{northwind.id}/"):
        assert browser.get(f"/operators/billing/{path}").status_code == 404
    assert act(browser, northwind, "comp", plan=3, days=30) == 404
    assert Agency.objects.get(pk=northwind.id).plan == Plan.GROWTH


def test_a_plan_is_given_until_further_notice_and_nobody_is_asked(
    otto_browser: Browser, harbour: CurrentAgency, hugo: Account
) -> None:
    assert act(otto_browser, harbour, "comp", plan=3, days="") == 302
    assert AgencySubscription.objects.get(agency_id=harbour.id).is_comped_for_good
    assert "until further notice" in otto_browser.get(f"/operators/billing/{harbour.id}/").content.decode()
    assert Entry.objects.get().after == "Scale until further notice"
    hosts.forget_all()
    page = console_browser(hugo).get("/harbour/plan/").content.decode()
    assert "You need not choose or pay anything" in page
    assert "Choose a plan" not in console_browser(hugo).get("/harbour/").content.decode()

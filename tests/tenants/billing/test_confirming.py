"""An upgrade that the bank wants confirmed, or refuses: the old plan stays until it is paid."""

import re
import urllib.parse
import urllib.request
from datetime import timedelta

import time_machine

from kit import clock
from tenants.agencies.models import AgencyState
from tenants.billing.models import PlanInvoice
from tenants.gateway.client import stripe_client
from tenants.plans import Plan
from tests.tenants.billing.conftest import FAILS_LATER, PAID, Desk

ASKS = "4000002760003184"


def upgrade(desk: Desk, card: str) -> None:
    """Growth is paid; then the card on file becomes that one and Scale is asked for."""
    desk.buy()
    desk.hear()
    at = re.search(r'name="at" value="(\d+)"', desk.page("change/?plan=3&interval=month"))
    assert at
    desk.pay_later(card, days=0)
    answer = desk.post("upgrade", plan=3, interval="month", at=at[1])
    assert answer["Location"] == "/northwind/plan/unpaid/"


def at_the_bank(desk: Desk, **answers: str) -> str:
    """What Stripe's page of the open invoice says to an answer."""
    address = desk.post("pay")["Location"]
    assert address.startswith(desk.stripe.pages), address
    sent = urllib.parse.urlencode({"number": ASKS, **answers}).encode()
    with urllib.request.urlopen(address, sent, timeout=10) as answer:
        return str(answer.read().decode())


def test_an_upgrade_counts_when_the_bank_has_it_confirmed(desk: Desk) -> None:
    upgrade(desk, ASKS)
    desk.hear()
    row = desk.row
    assert (row.plan, row.waiting_plan, row.waiting_for) == (Plan.GROWTH, Plan.SCALE, "confirm")
    assert desk.now == (Plan.GROWTH, AgencyState.ACTIVE) and 11500 < row.waiting_minor <= 12000
    page = desk.page("unpaid/")
    assert "Your bank wants you to confirm" in page and "you stay on Growth" in page
    assert f"€{row.waiting_minor / 100:.2f}" in page and "wants you to confirm" in desk.page()
    assert "Confirm with bank" in at_the_bank(desk)
    assert "paid" in at_the_bank(desk, bank="confirm")
    assert desk.now[0] == Plan.GROWTH
    desk.hear()
    assert desk.now == (Plan.SCALE, AgencyState.ACTIVE) and desk.row.waiting_plan is None
    assert PlanInvoice.objects.get(stripe_id=row.waiting_invoice).status == "paid"
    asked = desk.browser.get("/northwind/plan/unpaid/?looks=3", headers={"HX-Request": "true"})
    assert asked.status_code == 204 and asked["HX-Redirect"].endswith("/northwind/plan/")


def test_what_the_owner_refuses_at_the_bank_changes_nothing(desk: Desk) -> None:
    upgrade(desk, ASKS)
    assert "Nothing was paid" in at_the_bank(desk, bank="refuse")
    desk.hear()
    assert desk.now[0] == Plan.GROWTH and desk.row.waiting_plan == Plan.SCALE


def test_a_refused_card_is_followed_by_another_one(desk: Desk) -> None:
    upgrade(desk, FAILS_LATER)
    assert "Your card was refused" in desk.page("unpaid/")
    assert "declined" in at_the_bank(desk, number=FAILS_LATER)
    at_the_bank(desk, number=PAID)
    desk.hear()
    assert desk.now == (Plan.SCALE, AgencyState.ACTIVE)


def test_an_upgrade_that_waits_can_be_dropped(desk: Desk) -> None:
    upgrade(desk, ASKS)
    invoice = desk.row.waiting_invoice
    desk.post("drop")
    assert "The upgrade is off" in desk.page()
    desk.hear()
    assert desk.row.waiting_plan is None and desk.now[0] == Plan.GROWTH
    assert stripe_client().v1.invoices.retrieve(invoice)["status"] == "void"
    desk.post("pay")
    assert "Nothing is open" in desk.page()


def test_an_upgrade_paid_while_it_is_dropped_is_paid(desk: Desk) -> None:
    upgrade(desk, ASKS)
    stripe_client().v1.invoices.pay(desk.row.waiting_invoice, {"payment_method": "pm_card_visa"})
    desk.post("drop")
    desk.hear()
    assert desk.now[0] == Plan.SCALE


def test_an_upgrade_that_nobody_pays_is_off_after_a_day(desk: Desk) -> None:
    upgrade(desk, ASKS)
    desk.stripe.advance(days=1)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=True):
        desk.hear()
        assert desk.row.waiting_plan is None and desk.now == (Plan.GROWTH, AgencyState.ACTIVE)


def test_a_plan_that_is_to_end_is_not_upgraded(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    desk.post("end")
    assert "Let it go on first" in desk.page("change/?plan=3&interval=month")


def test_an_unpaid_plan_is_paid_or_another_one_takes_its_place(desk: Desk) -> None:
    desk.stripe.after_dunning("unpaid")
    desk.buy(plan=3)
    desk.hear()
    desk.pay_later(FAILS_LATER, days=60)
    desk.hear()
    assert desk.row.status == "unpaid" and desk.now == (Plan.SCALE, AgencyState.READ_ONLY)
    page = desk.page()
    assert "Pay now" in page and "Or begin anew" in page
    assert desk.post("pay")["Location"].startswith(desk.stripe.pages)
    old = desk.row.stripe_subscription_id
    desk.buy(plan=1)
    desk.hear()
    assert desk.now == (Plan.STARTER, AgencyState.ACTIVE) and not desk.row.is_doubled
    assert stripe_client().v1.subscriptions.retrieve(str(old))["status"] == "canceled"
    desk.stripe.after_dunning("cancel")

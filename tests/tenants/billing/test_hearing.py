"""Webhooks in any order, twice, lost or of somebody else; what dj-stripe mirrors and what it never gets."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection

from infra.stripe_simulator.running import Simulator
from kit import clock
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.billing import comps
from tenants.billing.jobs import ask_again
from tenants.billing.models import AgencySubscription, Interval, PlanInvoice
from tenants.billing.prices import price_id
from tenants.billing.walking import walk
from tenants.gateway import inbox
from tenants.gateway.client import stripe_client
from tenants.gateway.models import EventState, InboxEvent
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser
from tests.tenants.billing.conftest import FAILS_LATER, PAID, Desk

KEPT = (
    "status", "plan", "interval", "minor", "period_end", "cancel_at_period_end", "pending_plan",
    "stripe_subscription_id", "is_doubled",
)  # fmt: skip


def outcome(desk: Desk) -> dict[str, Any]:
    row = desk.row
    invoices = PlanInvoice.objects.filter(agency_id=desk.agency.id).order_by("stripe_id")
    return {
        **{name: getattr(row, name) for name in KEPT},
        "agency": desk.now,
        "invoices": list(invoices.values_list("stripe_id", "status", "minor")),
    }


def six(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The six events that a bought and upgraded plan is told by."""
    heard = [e for e in events if e["type"].startswith(("customer.subscription.", "invoice.", "checkout."))]
    return heard[:3] + heard[-3:]


def test_all_orders_of_six_events_with_duplicates_end_in_the_same_state(desk: Desk) -> None:
    desk.buy()
    desk.page("done/")
    at = int(clock.now().timestamp())
    desk.post("upgrade", plan=3, interval="month", at=at)
    events = six(desk.events())
    assert len({event["id"] for event in events}) == 6
    expected = outcome(desk)
    assert expected["agency"] == (Plan.SCALE, AgencyState.ACTIVE)
    orders = list(itertools.permutations(range(6)))
    chance = random.Random(4)
    for order in chance.sample(orders, 12):
        AgencySubscription.objects.filter(agency_id=desk.agency.id).update(
            status="", plan=None, stripe_subscription_id=None, period_end=None
        )
        Agency.objects.filter(pk=desk.agency.id).update(plan=1, state=AgencyState.READ_ONLY)
        InboxEvent.objects.all().delete()
        PlanInvoice.objects.all().delete()
        twice = [events[i] for i in order] + [events[chance.choice(order)] for _ in range(3)]
        desk.hear(twice)
        assert outcome(desk) == expected, order
        assert InboxEvent.objects.filter(state=EventState.DONE).count() == 6


def test_an_event_names_no_agency_but_its_customer_does(
    desk: Desk, harbour: CurrentAgency, stripe: Simulator
) -> None:
    desk.buy()
    desk.hear()
    (event, *_) = stripe_client().v1.events.list({"limit": 1}).data
    forged = event.to_dict() | {"id": "evt_forged", "type": "customer.subscription.updated"}
    forged["data"] = {"object": {"id": "sub_x", "object": "subscription", "customer": "cus_nobody",
                                 "status": "active", "metadata": {"agency": "harbour"}}}  # fmt: skip
    inbox.store(forged, "platform")
    desk.hear([])
    assert Agency.objects.get(pk=harbour.id).plan == Plan.STARTER
    assert not AgencySubscription.objects.filter(agency_id=harbour.id).exists()


def test_a_payload_is_not_believed(desk: Desk) -> None:
    desk.buy(plan=1)
    desk.hear()
    lie = {"id": "sub_x", "object": "subscription", "customer": desk.row.stripe_customer_id, "status": "active",
           "items": {"data": [{"price": {"product": "portico_scale"}}]}}  # fmt: skip
    event = {"id": "evt_lie", "type": "customer.subscription.updated", "livemode": False, "created": 1}
    inbox.store({**event, "data": {"object": lie}}, "platform")
    desk.hear([])
    assert desk.now[0] == Plan.STARTER


def test_connect_events_never_reach_us_or_dj_stripe(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    before = outcome(desk), mirrored("djstripe_subscription")
    client = stripe_client()
    desk.stripe.account()
    client.v1.subscriptions.update(str(desk.row.stripe_subscription_id), {"cancel_at_period_end": True})
    for event in desk.events():
        inbox.store(event | {"account": "acct_1"}, "connect")
    desk.hear([])
    assert (outcome(desk), mirrored("djstripe_subscription")) == before


def test_a_lost_webhook_is_made_up_for(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    desk.stripe.drop(9)
    desk.post("end")
    desk.stripe.advance(days=32)
    desk.events()  # nobody tells us
    with time_machine.travel(clock.now() + timedelta(days=33), tick=True):
        ask_again()
        assert desk.row.status == "canceled" and desk.now[1] == AgencyState.READ_ONLY


def test_a_failed_renewal_is_grace_with_mails_and_paying_ends_it(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    mail.outbox.clear()
    desk.pay_later(FAILS_LATER, days=32)
    desk.hear()
    assert desk.row.status == "past_due" and desk.now == (Plan.GROWTH, AgencyState.PAST_DUE)
    assert [m.subject for m in mail.outbox] == ["The payment for Northwind Studio did not go through"]
    assert "did not go through" in desk.page()
    assert "A payment is open" in desk.page("change/?plan=3&interval=month")
    with time_machine.travel(clock.now() + timedelta(days=15), tick=True):
        walk()
        assert desk.now == (Plan.GROWTH, AgencyState.READ_ONLY)
    desk.pay_later(PAID, days=0)
    latest = PlanInvoice.objects.filter(agency_id=desk.agency.id).latest("created_at", "pk")
    stripe_client().v1.invoices.pay(latest.stripe_id)
    desk.hear()
    assert desk.row.status == "active" and desk.now == (Plan.GROWTH, AgencyState.ACTIVE)


@pytest.mark.parametrize(("after", "status"), [("unpaid", "unpaid"), ("cancel", "canceled")])
def test_after_the_last_attempt_clients_still_read(
    desk: Desk, maria: Client, after: str, status: str
) -> None:
    desk.buy()
    desk.hear()
    desk.stripe.after_dunning(after)
    desk.pay_later(FAILS_LATER, days=32)
    for _ in range(4):
        desk.stripe.advance(days=8)
    desk.hear()
    assert desk.row.status == status and desk.now == (Plan.GROWTH, AgencyState.READ_ONLY)
    hosts.forget_all()
    portal = portal_browser(desk.agency, maria)
    assert portal.get("/").status_code == 200 and portal.get("/deliverables/").status_code == 200
    assert portal.post("/profile/", {"display_name": "X"}).status_code == 403


def test_a_downgraded_agency_keeps_everything_and_closes_what_it_no_longer_has(
    desk: Desk, maria: Client
) -> None:
    desk.buy(plan=2)
    desk.hear()
    hosts.forget_all()
    assert portal_browser(desk.agency, maria).get("/deliverables/").status_code == 200
    comps.put_on(desk.agency.id, Plan.STARTER)
    assert desk.now == (Plan.STARTER, AgencyState.ACTIVE)
    assert portal_browser(desk.agency, maria).get("/").status_code == 200


def test_dj_stripe_mirrors_our_own_objects_and_keeps_no_key(desk: Desk) -> None:
    desk.buy()
    desk.hear()
    assert mirrored("djstripe_subscription") == mirrored("djstripe_customer") == 1
    assert mirrored("djstripe_invoice") == 1
    assert mirrored("djstripe_apikey") == mirrored("djstripe_account") == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT stripe_data->>'status' FROM public.djstripe_subscription")
        assert cursor.fetchone() == ("active",)


def test_an_operator_changes_what_is_paid_and_puts_a_coupon_on(desk: Desk, settings: Any) -> None:
    settings.OPERATORS_NEED_MFA = False
    otto = console_browser(Account.objects.create_user("otto@portico.example", None, is_operator=True))
    said = {"name": "Spring", "percent": 50, "months": "", "reason": "Fair"}
    assert otto.post("/operators/billing/coupons/", said).status_code == 302
    (coupon,) = [one for one in comps.coupons() if one.name == "Spring"][:1]
    assert "Spring" in otto.get("/operators/billing/coupons/").content.decode()
    desk.buy()
    desk.hear()
    at = f"/operators/billing/{desk.agency.id}/"
    assert otto.post(f"{at}plan/", {"plan-plan": 3, "plan-reason": "Asked"}).status_code == 302
    assert desk.now[0] == Plan.SCALE and desk.row.minor == 19900
    assert (
        otto.post(f"{at}coupon/", {"coupon-coupon": coupon.id, "coupon-reason": "Asked"}).status_code == 302
    )
    assert desk.row.coupon
    refused = otto.post(f"{at}coupon/", {"coupon-coupon": "nonsense", "coupon-reason": "Asked"})
    assert refused.status_code == 422 and "Stripe refused" in refused.content.decode()
    assert otto.post(f"{at}refresh/", {"refresh-reason": "Look"}).status_code == 302
    assert "199.00" in otto.get(at).content.decode()


def test_who_has_a_plan_pays_what_was_agreed_when_the_price_changes(desk: Desk) -> None:
    from kit.money import Money
    from tenants.billing.prices import set_price

    desk.buy()
    set_price(Plan.GROWTH, Interval.MONTH, Money(9900, "EUR"))
    price_id(Plan.GROWTH, Interval.MONTH)
    desk.hear()
    assert desk.row.minor == 7900 and desk.now[0] == Plan.GROWTH


def mirrored(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM public.{table}")
        return int(cursor.fetchone()[0])

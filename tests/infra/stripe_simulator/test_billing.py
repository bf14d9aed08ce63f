"""Subscriptions: trials, renewals, proration, failed payments, coupons, the end."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from infra.stripe_simulator import running as cards
from infra.stripe_simulator.running import Simulator
from tests.infra.stripe_simulator.conftest import Mailbox

DAY = 86_400


def _price(client: stripe.StripeClient, amount: int, interval: str = "month") -> str:
    recurring: Any = {"interval": interval}
    given: Any = {
        "currency": "eur",
        "unit_amount": amount,
        "recurring": recurring,
        "product_data": {"name": "Plan"},
    }
    return client.v1.prices.create(given).id


def _clock(client: stripe.StripeClient, at: int = 1_800_000_000) -> str:
    return client.v1.test_helpers.test_clocks.create({"frozen_time": at}).id


def _advance(client: stripe.StripeClient, clock: str, days: float) -> None:
    now = client.v1.test_helpers.test_clocks.retrieve(clock).frozen_time
    client.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": int(now + days * DAY)})


def _customer(client: stripe.StripeClient, clock: str = "", method: str = "pm_card_visa") -> str:
    given: Any = {"email": "agency@x.test"} | ({"test_clock": clock} if clock else {})
    if method:
        given["payment_method"] = method
    made = client.v1.customers.create(given).id
    if method:
        saved = client.v1.customers.payment_methods.list(made).data[0].id
        client.v1.customers.update(made, {"invoice_settings": {"default_payment_method": saved}})
    return made


def _subscribe(client: stripe.StripeClient, customer: str, price: str, **more: Any) -> Any:
    given: Any = {"customer": customer, "items": [{"price": price}], **more}
    return client.v1.subscriptions.create(given)


def _now(client: stripe.StripeClient, subscription: str) -> Any:
    return client.v1.subscriptions.retrieve(subscription, {"expand": ["latest_invoice.payments"]})


def test_a_subscription_from_checkout_is_paid_and_says_when_it_goes_on(
    simulator: Simulator, client: stripe.StripeClient
) -> None:
    given: Any = {
        "mode": "subscription",
        "success_url": "http://x.test/ok",
        "line_items": [{"price": _price(client, 4900), "quantity": 1}],
        "subscription_data": {"metadata": {"agency": "7"}},
        "customer_email": "agency@x.test",
    }
    session = client.v1.checkout.sessions.create(given)
    assert simulator.pay(simulator.PLATFORM, session.id) == "complete"
    done: Any = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
    bought = done.subscription
    assert (bought.status, bought.metadata["agency"], bought.latest_invoice.total) == ("active", "7", 4900)
    parent = bought.latest_invoice.parent
    assert parent.subscription_details.subscription == bought.id
    item = bought["items"].data[0]
    assert 28 * DAY <= item.current_period_end - item.current_period_start <= 31 * DAY
    assert bought.default_payment_method
    customer: Any = client.v1.customers.retrieve(bought.customer)
    assert customer.email == "agency@x.test"


def test_a_trial_without_a_card_warns_and_then_pauses_or_ends_or_asks(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient
) -> None:
    for behaviour, status in (("pause", "paused"), ("cancel", "canceled"), ("create_invoice", "past_due")):
        clock = _clock(client)
        customer = _customer(client, clock, method="")
        settings: Any = {"end_behavior": {"missing_payment_method": behaviour}}
        made = _subscribe(
            client, customer, _price(client, 4900), trial_period_days=14, trial_settings=settings
        )
        assert (made.status, made["items"].data[0].current_period_end) == ("trialing", made.trial_end)
        mailbox.came.clear()
        _advance(client, clock, 12)
        simulator.quiet()
        assert "customer.subscription.trial_will_end" in mailbox.types()
        _advance(client, clock, 3)
        assert _now(client, made.id).status == status


def test_a_trial_with_a_card_is_followed_by_the_first_payment(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    made = _subscribe(client, _customer(client, clock), _price(client, 4900), trial_period_days=14)
    assert _now(client, made.id).latest_invoice.total == 0
    _advance(client, clock, 14.1)
    now = _now(client, made.id)
    assert (now.status, now.latest_invoice.total, now.latest_invoice.status) == ("active", 4900, "paid")
    assert now.latest_invoice.billing_reason == "subscription_cycle"
    assert now.latest_invoice.payments.data[0].payment.payment_intent.startswith("pi_")


def test_it_renews_every_month_and_the_31st_stays_the_31st(client: stripe.StripeClient) -> None:
    clock = _clock(client, 1_801_353_600)  # 2027-01-31
    made = _subscribe(client, _customer(client, clock), _price(client, 4900))
    ends = []
    for _ in range(3):
        ends.append(_now(client, made.id)["items"].data[0].current_period_end)
        _advance(client, clock, 31)
    assert [time.strftime("%m-%d", time.gmtime(end)) for end in ends] == ["02-28", "03-31", "04-30"]
    assert len(client.v1.invoices.list({"subscription": made.id}).data) == 4


def test_an_upgrade_is_charged_at_once_for_what_is_left_of_the_month(client: stripe.StripeClient) -> None:
    clock = _clock(client, 1_801_440_000)  # 2027-02-01: 28 days
    made = _subscribe(client, _customer(client, clock), _price(client, 2800))
    _advance(client, clock, 7)
    items: Any = [{"id": made["items"].data[0].id, "price": _price(client, 5600)}]
    preview = client.v1.invoices.create_preview(
        {
            "subscription": made.id,
            "subscription_details": {"items": items, "proration_behavior": "always_invoice"},
        }
    )
    client.v1.subscriptions.update(made.id, {"items": items, "proration_behavior": "always_invoice"})
    invoice = _now(client, made.id).latest_invoice
    assert [line.amount for line in invoice.lines.data] == [-2100, 4200]
    assert (invoice.total, invoice.status, invoice.billing_reason) == (2100, "paid", "subscription_update")
    assert preview.total == 2100
    _advance(client, clock, 22)
    assert _now(client, made.id).latest_invoice.total == 5600


def test_a_preview_changes_nothing_and_tells_the_next_invoice(client: stripe.StripeClient) -> None:
    made = _subscribe(client, _customer(client), _price(client, 2800))
    before = client.v1.subscriptions.retrieve(made.id).to_dict()
    assert client.v1.invoices.create_preview({"subscription": made.id}).total == 2800
    items: Any = [{"id": made["items"].data[0].id, "price": _price(client, 5600)}]
    client.v1.invoices.create_preview({"subscription": made.id, "subscription_details": {"items": items}})
    assert client.v1.subscriptions.retrieve(made.id).to_dict() == before
    assert client.v1.subscription_items.retrieve(items[0]["id"]).price.unit_amount == 2800


def test_without_proration_the_new_price_waits_for_the_next_period(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    made = _subscribe(client, _customer(client, clock), _price(client, 9900))
    items: Any = [{"id": made["items"].data[0].id, "price": _price(client, 4900)}]
    client.v1.subscriptions.update(made.id, {"items": items, "proration_behavior": "none"})
    assert _now(client, made.id).latest_invoice.total == 9900
    _advance(client, clock, 32)
    assert _now(client, made.id).latest_invoice.total == 4900


def test_what_a_smaller_plan_gives_back_is_taken_off_the_next_invoice(client: stripe.StripeClient) -> None:
    clock = _clock(client, 1_801_440_000)
    customer = _customer(client, clock)
    made = _subscribe(client, customer, _price(client, 5600))
    _advance(client, clock, 14)
    items: Any = [{"id": made["items"].data[0].id, "price": _price(client, 2800)}]
    client.v1.subscriptions.update(made.id, {"items": items, "proration_behavior": "always_invoice"})
    credit = _now(client, made.id).latest_invoice
    assert (credit.total, credit.amount_due, credit.status, credit.ending_balance) == (
        -1400,
        0,
        "paid",
        -1400,
    )
    assert client.v1.customers.retrieve(customer).balance == -1400
    _advance(client, clock, 15)
    following = _now(client, made.id).latest_invoice
    assert (following.total, following.starting_balance, following.amount_due) == (2800, -1400, 1400)
    assert client.v1.customers.retrieve(customer).balance == 0


def test_from_monthly_to_yearly_begins_a_year_and_gives_the_rest_back(client: stripe.StripeClient) -> None:
    clock = _clock(client, 1_801_440_000)
    made = _subscribe(client, _customer(client, clock), _price(client, 2800))
    _advance(client, clock, 14)
    items: Any = [{"id": made["items"].data[0].id, "price": _price(client, 28000, "year")}]
    client.v1.subscriptions.update(made.id, {"items": items, "proration_behavior": "always_invoice"})
    now = _now(client, made.id)
    assert now.latest_invoice.total == 28000 - 1400
    assert now["items"].data[0].current_period_end - now["items"].data[0].current_period_start == 365 * DAY


@pytest.mark.parametrize(
    ("end", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
def test_a_failing_card_is_tried_four_times_then_given_up(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, end: str, status: str
) -> None:
    simulator.after_dunning(end)
    clock = _clock(client)
    customer = _customer(client, clock)
    made = _subscribe(client, customer, _price(client, 4900))
    saved: Any = client.v1.customers.payment_methods.list(customer).data[0]
    simulator.set_card(simulator.PLATFORM, saved.id, cards.DECLINED)
    mailbox.came.clear()
    _advance(client, clock, 32)
    late = _now(client, made.id)
    assert (late.status, late.latest_invoice.status, late.latest_invoice.attempt_count) == (
        "past_due",
        "open",
        1,
    )
    assert late.latest_invoice.next_payment_attempt
    _advance(client, clock, 16)
    assert _now(client, made.id).status == status
    simulator.quiet()
    assert mailbox.types().count("invoice.payment_failed") == 4
    assert ("customer.subscription.deleted" in mailbox.types()) == (status == "canceled")


def test_a_new_card_during_dunning_makes_it_active_again(
    simulator: Simulator, client: stripe.StripeClient
) -> None:
    clock = _clock(client)
    customer = _customer(client, clock)
    made = _subscribe(client, customer, _price(client, 4900))
    saved = client.v1.customers.payment_methods.list(customer).data[0].id
    simulator.set_card(simulator.PLATFORM, saved, cards.DECLINED)
    _advance(client, clock, 32)
    invoice = _now(client, made.id).latest_invoice.id
    with pytest.raises(stripe.CardError):
        client.v1.invoices.pay(invoice)
    assert client.v1.invoices.pay(invoice, {"payment_method": "pm_card_visa"}).status == "paid"
    assert _now(client, made.id).status == "active"


def test_it_ends_with_the_period_unless_that_is_taken_back(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    kept, ended = (_subscribe(client, _customer(client, clock), _price(client, 4900)) for _ in range(2))
    for made in (kept, ended):
        changed = client.v1.subscriptions.update(
            made.id, {"cancel_at_period_end": True, "cancellation_details": {"feedback": "too_expensive"}}
        )
        assert changed.cancel_at == changed["items"].data[0].current_period_end
    client.v1.subscriptions.update(kept.id, {"cancel_at_period_end": False})
    _advance(client, clock, 32)
    assert (_now(client, kept.id).status, _now(client, ended.id).status) == ("active", "canceled")
    assert _now(client, ended.id).cancellation_details.feedback == "too_expensive"
    assert ended.id not in [one.id for one in client.v1.subscriptions.list().data]
    assert ended.id in [one.id for one in client.v1.subscriptions.list({"status": "canceled"}).data]


def test_a_paused_collection_voids_what_falls_due_until_it_resumes(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    made = _subscribe(client, _customer(client, clock), _price(client, 4900))
    client.v1.subscriptions.update(made.id, {"pause_collection": {"behavior": "void"}})
    _advance(client, clock, 32)
    assert (_now(client, made.id).status, _now(client, made.id).latest_invoice.status) == ("active", "void")
    client.v1.subscriptions.update(made.id, {"pause_collection": ""})
    _advance(client, clock, 31)
    assert _now(client, made.id).latest_invoice.status == "paid"


def test_a_coupon_takes_off_what_it_says_for_as_long_as_it_says(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    once = client.v1.coupons.create({"percent_off": 25, "duration": "once"}).id
    twice = client.v1.coupons.create(
        {"amount_off": 900, "currency": "eur", "duration": "repeating", "duration_in_months": 2}
    ).id
    price = _price(client, 4900)
    found = []
    for coupon in (once, twice):
        made = _subscribe(client, _customer(client, clock), price, discounts=[{"coupon": coupon}])
        found.append(made.id)
    totals: list[list[int]] = [[], []]
    for _ in range(3):
        for place, name in enumerate(found):
            totals[place].append(_now(client, name).latest_invoice.total)
        _advance(client, clock, 31)
    assert totals == [[3675, 4900, 4900], [4000, 4000, 4900]]


def test_an_incomplete_subscription_waits_for_a_payment_and_expires(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    customer = _customer(client, clock, method="")
    made = _subscribe(client, customer, _price(client, 4900))
    assert made.status == "incomplete"
    _advance(client, clock, 1)
    assert _now(client, made.id).status == "incomplete_expired"


def test_the_clock_of_one_customer_leaves_others_alone(
    simulator: Simulator, client: stripe.StripeClient
) -> None:
    clock = _clock(client)
    price = _price(client, 4900)
    on_clock, off_clock = (_subscribe(client, _customer(client, one), price) for one in (clock, ""))
    _advance(client, clock, 32)
    bought = [len(client.v1.invoices.list({"subscription": one.id}).data) for one in (on_clock, off_clock)]
    assert bought == [2, 1]
    simulator.advance(days=32)
    bought = [len(client.v1.invoices.list({"subscription": one.id}).data) for one in (on_clock, off_clock)]
    assert bought == [2, 2]


def test_the_billing_portal_has_an_address_for_a_customer(client: stripe.StripeClient) -> None:
    session = client.v1.billing_portal.sessions.create(
        {"customer": _customer(client), "return_url": "http://x.test/"}
    )
    assert "/portal/" in session.url
    domain = client.v1.payment_method_domains.create({"domain_name": "portal.x.test"})
    assert domain.enabled
    assert client.v1.payment_method_domains.create({"domain_name": "portal.x.test"}).id == domain.id

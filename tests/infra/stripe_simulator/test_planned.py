"""Updates that wait for their payment, schedules, and the pages of invoices and billing details."""

from __future__ import annotations

import urllib.parse
import urllib.request
from typing import Any

import pytest
import stripe

from infra.stripe_simulator.running import ASKS_ALWAYS, PAID, Simulator
from tests.infra.stripe_simulator.conftest import Mailbox
from tests.infra.stripe_simulator.test_billing import (
    DAY,
    _advance,
    _clock,
    _customer,
    _now,
    _price,
    _subscribe,
)

PENDING = "pending_if_incomplete"


def _upgrade(client: stripe.StripeClient, made: Any, price: str, **more: Any) -> Any:
    given: Any = {
        "items": [{"id": made["items"].data[0].id, "price": price}],
        "proration_behavior": "always_invoice",
        "payment_behavior": PENDING,
        **more,
    }
    return client.v1.subscriptions.update(made.id, given)


@pytest.fixture
def asking(client: stripe.StripeClient) -> Any:
    """A subscription whose card has to be confirmed from now on."""
    clock = _clock(client)
    customer = _customer(client, clock)
    made = _subscribe(client, customer, _price(client, 1000))
    card = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer})
    client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card.id}})
    return made


def _answer(address: str, **fields: str) -> str:
    with urllib.request.urlopen(address, urllib.parse.urlencode(fields).encode(), timeout=10) as page:
        return str(page.read().decode())


def test_a_change_that_has_to_be_confirmed_waits_and_is_applied_when_paid(
    client: stripe.StripeClient, asking: Any, simulator: Simulator, mailbox: Mailbox
) -> None:
    dearer = _price(client, 5000)
    answered = _upgrade(client, asking, dearer)
    assert answered["items"].data[0].price.unit_amount == 1000 and answered.status == "active"
    waiting = answered.pending_update
    assert waiting.subscription_items[0].price.id == dearer
    assert waiting.expires_at - _now(client, asking.id).latest_invoice.created == 23 * 3600
    invoice = _now(client, asking.id).latest_invoice
    asked: Any = {"invoice": invoice.id, "expand": ["data.payment.payment_intent"]}
    (payment,) = client.v1.invoice_payments.list(asked).data
    intent: Any = payment.payment.payment_intent
    assert (invoice.status, intent.status) == ("open", "requires_action")
    mailbox.came.clear()
    assert "Confirm with bank" in _answer(invoice.hosted_invoice_url, number=ASKS_ALWAYS)
    assert "paid" in _answer(invoice.hosted_invoice_url, number=ASKS_ALWAYS, bank="confirm")
    done = _now(client, asking.id)
    assert (done["items"].data[0].price.id, done.pending_update) == (dearer, None)
    simulator.quiet()
    assert "customer.subscription.pending_update_applied" in mailbox.types()


def test_a_change_is_dropped_by_voiding_its_invoice_by_another_one_and_by_time(
    client: stripe.StripeClient, asking: Any
) -> None:
    _upgrade(client, asking, _price(client, 5000))
    first = _now(client, asking.id).latest_invoice.id
    _upgrade(client, asking, _price(client, 6000))
    assert client.v1.invoices.retrieve(first).status == "void"
    second = _now(client, asking.id).latest_invoice.id
    client.v1.invoices.void_invoice(second)
    assert _now(client, asking.id).pending_update is None
    _upgrade(client, asking, _price(client, 7000))
    customer: Any = client.v1.customers.retrieve(asking.customer)
    _advance(client, customer.test_clock, 1)
    late = _now(client, asking.id)
    assert (late.pending_update, late.latest_invoice.status) == (None, "void")
    assert late["items"].data[0].price.unit_amount == 1000 and late.status == "active"


def test_what_cannot_come_along_with_a_pending_update_is_refused(client: stripe.StripeClient) -> None:
    made = _subscribe(client, _customer(client), _price(client, 1000))
    with pytest.raises(stripe.InvalidRequestError, match="cancel_at_period_end"):
        _upgrade(client, made, _price(client, 2000), cancel_at_period_end=False)
    paid = _upgrade(client, made, _price(client, 2000))
    assert paid.pending_update is None and paid["items"].data[0].price.unit_amount == 2000


def _planned(client: stripe.StripeClient, made: Any, price: str, interval: str) -> Any:
    schedule = client.v1.subscription_schedules.create({"from_subscription": made.id})
    now: Any = schedule.phases[0]
    kept = {"items": [{"price": now["items"][0].price, "quantity": 1}]}
    then = {"items": [{"price": price}], "duration": {"interval": interval}, "proration_behavior": "none"}
    phases: Any = [kept | {"start_date": now.start_date, "end_date": now.end_date}, then]
    given: Any = {"phases": phases, "metadata": {"plan": "1"}, "end_behavior": "release"}
    return client.v1.subscription_schedules.update(schedule.id, given)


def test_a_schedule_turns_yearly_into_monthly_when_the_year_is_over(client: stripe.StripeClient) -> None:
    clock = _clock(client)
    made = _subscribe(client, _customer(client, clock), _price(client, 9000, "year"))
    planned = _planned(client, made, _price(client, 900), "month")
    assert [planned.metadata["plan"], planned.phases[1].start_date] == ["1", planned.phases[0].end_date]
    assert len(client.v1.invoices.list({"subscription": made.id}).data) == 1
    _advance(client, clock, 366)
    now = _now(client, made.id)
    item = now["items"].data[0]
    assert (item.price.unit_amount, now.latest_invoice.total) == (900, 900)
    assert 27 * DAY < item.current_period_end - item.current_period_start < 32 * DAY
    _advance(client, clock, 32)
    assert client.v1.subscription_schedules.retrieve(planned.id).status == "released"
    assert _now(client, made.id).schedule is None


def test_a_released_schedule_changes_nothing_and_a_planned_subscription_is_not_ended(
    client: stripe.StripeClient,
) -> None:
    clock = _clock(client)
    made = _subscribe(client, _customer(client, clock), _price(client, 9000))
    planned = _planned(client, made, _price(client, 900), "month")
    with pytest.raises(stripe.InvalidRequestError, match="already attached"):
        client.v1.subscription_schedules.create({"from_subscription": made.id})
    with pytest.raises(stripe.InvalidRequestError, match="managed by a subscription schedule"):
        client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    assert client.v1.subscription_schedules.release(planned.id).released_subscription == made.id
    _advance(client, clock, 32)
    assert _now(client, made.id).latest_invoice.total == 9000
    with pytest.raises(stripe.InvalidRequestError, match="released"):
        client.v1.subscription_schedules.release(planned.id)


def test_the_billing_portal_offers_what_its_configuration_says(client: stripe.StripeClient) -> None:
    made = _subscribe(client, _customer(client), _price(client, 1000))
    features: Any = {
        "customer_update": {"enabled": True, "allowed_updates": ["email", "tax_id"]},
        "subscription_cancel": {"enabled": False},
    }
    chosen = client.v1.billing_portal.configurations.create({"features": features})
    given: Any = {"customer": made.customer, "configuration": chosen.id}
    address = client.v1.billing_portal.sessions.create(given).url
    with urllib.request.urlopen(address, timeout=10) as page:
        words = page.read().decode()
    assert "Billing details" in words and "Cancel at the end" not in words
    _answer(address, email="books@agency.test", tax_number="DE123456789")
    customer: Any = client.v1.customers.retrieve(made.customer)
    assert customer.email == "books@agency.test"
    assert "DE123456789" in _answer(address, number=PAID)

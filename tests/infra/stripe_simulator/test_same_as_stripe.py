"""Scenarios that hold for the simulator and for Stripe itself.

`STRIPE_SANDBOX_KEY=sk_test_… pytest -m stripe_live` asks Stripe: written for whoever has a key, NEVER RUN so far.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from infra.stripe_simulator import judge
from infra.stripe_simulator.running import Simulator

DAY = 86_400


@pytest.fixture(params=["simulator", pytest.param("stripe", marks=pytest.mark.stripe_live)])
def either(request: pytest.FixtureRequest) -> Iterator[stripe.StripeClient]:
    """The client of the simulator, or of a sandbox."""
    if request.param == "simulator":
        simulator: Simulator = request.getfixturevalue("simulator")
        yield stripe.StripeClient("sk_test_simulator", base_addresses={"api": simulator.base})
        return
    key = os.environ.get("STRIPE_SANDBOX_KEY", "")
    if not key.startswith(("sk_test_", "rk_test_")):
        pytest.fail("STRIPE_SANDBOX_KEY must be the key of a sandbox (sk_test_…)")
    yield stripe.StripeClient(key, max_network_retries=2)


def _judged(thing: Any) -> Any:
    """The object, held against the wheel's types."""
    found = thing.to_dict()
    assert judge.judge_object(found) == []
    return thing


def _price(client: stripe.StripeClient, amount: int) -> str:
    given: Any = {
        "currency": "eur",
        "unit_amount": amount,
        "recurring": {"interval": "month"},
        "product_data": {"name": f"Scenario {uuid.uuid4().hex[:8]}"},
    }
    return str(_judged(client.v1.prices.create(given)).id)


def test_a_session_for_a_page_of_ours(either: stripe.StripeClient) -> None:
    data = {"currency": "eur", "unit_amount": 2400, "product_data": {"name": "Invoice 17"}}
    given: Any = {
        "mode": "payment",
        "ui_mode": "embedded_page",
        "return_url": "https://portal.example/done?s={CHECKOUT_SESSION_ID}",
        "line_items": [{"price_data": data, "quantity": 1}],
    }
    session = _judged(either.v1.checkout.sessions.create(given))
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 2400)
    assert session.client_secret.startswith(session.id)
    assert _judged(either.v1.checkout.sessions.expire(session.id)).status == "expired"


def test_an_unknown_parameter_and_an_old_name_are_refused(either: stripe.StripeClient) -> None:
    for wrong in ({"colour": "red"}, {"ui_mode": "embedded_pages"}):
        given: Any = {"mode": "payment", **wrong}
        with pytest.raises(stripe.InvalidRequestError):
            either.v1.checkout.sessions.create(given)


def test_an_intent_is_paid_once_per_key(either: stripe.StripeClient) -> None:
    methods = {"enabled": True, "allow_redirects": "never"}
    given: Any = {"amount": 1200, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    given["automatic_payment_methods"] = methods
    once: Any = {"idempotency_key": f"scenario:{uuid.uuid4()}"}
    first, again = (_judged(either.v1.payment_intents.create(given, once)) for _ in range(2))
    assert (first.status, first.id) == ("succeeded", again.id)
    with pytest.raises(stripe.IdempotencyError):
        either.v1.payment_intents.create(given | {"amount": 1300}, once)
    refund = _judged(either.v1.refunds.create({"payment_intent": first.id, "amount": 200}))
    assert (refund.status, refund.amount) == ("succeeded", 200)


def test_a_declined_card_says_why(either: stripe.StripeClient) -> None:
    methods = {"enabled": True, "allow_redirects": "never"}
    given: Any = {"amount": 1200, "currency": "eur", "confirm": True, "automatic_payment_methods": methods}
    with pytest.raises(stripe.CardError) as declined:
        either.v1.payment_intents.create(
            given | {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
        )
    error: Any = declined.value.error
    assert (error.code, error.decline_code) == ("card_declined", "insufficient_funds")
    assert error.payment_intent.status == "requires_payment_method"


def test_a_trial_on_a_test_clock_ends_in_a_payment(either: stripe.StripeClient) -> None:
    clock = either.v1.test_helpers.test_clocks.create({"frozen_time": int(time.time())})
    customer = either.v1.customers.create({"test_clock": clock.id, "payment_method": "pm_card_visa"})
    saved = either.v1.customers.payment_methods.list(customer.id).data[0].id
    given: Any = {
        "customer": customer.id,
        "items": [{"price": _price(either, 4900)}],
        "trial_period_days": 14,
    }
    made = _judged(either.v1.subscriptions.create(given | {"default_payment_method": saved}))
    assert made.status == "trialing"
    end = int(clock.frozen_time + 15 * DAY)
    either.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": end})
    while either.v1.test_helpers.test_clocks.retrieve(clock.id).status == "advancing":
        time.sleep(1)
    now: Any = either.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert now.status == "active"
    assert now.latest_invoice.billing_reason == "subscription_cycle"
    either.v1.test_helpers.test_clocks.delete(clock.id)

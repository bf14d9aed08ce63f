"""Checkout: paid, declined, asked by the bank, paid by debit, saved for later."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from infra.stripe_simulator import running as cards
from infra.stripe_simulator.running import Refused, Simulator
from tests.infra.stripe_simulator.conftest import Mailbox, one_line, open_session


def _session(client: stripe.StripeClient, account: str, session: str) -> Any:
    return client.v1.checkout.sessions.retrieve(
        session, {"expand": ["payment_intent.latest_charge.balance_transaction"]}, {"stripe_account": account}
    )


def test_a_payment_leaves_an_intent_a_charge_and_a_fee_for_the_platform(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, agency: str
) -> None:
    data = {"application_fee_amount": 240, "metadata": {"payment": "17"}}
    session = open_session(client, agency, payment_intent_data=data, metadata={"payment": "17"})
    assert (session.amount_total, session.currency, session.payment_status) == (2400, "eur", "unpaid")
    assert simulator.pay(agency, session.id) == "complete"
    paid = _session(client, agency, session.id)
    intent, charge = paid.payment_intent, paid.payment_intent.latest_charge
    assert (paid.status, paid.payment_status, intent.status) == ("complete", "paid", "succeeded")
    assert (intent.metadata["payment"], charge.amount, charge.application_fee_amount) == ("17", 2400, 240)
    assert charge.balance_transaction.net == 2400 - 240 - (2400 * 29 // 1000 + 30)
    fee: Any = client.v1.application_fees.list({"charge": charge.id}).data[0]
    assert (fee.amount, fee.account) == (240, agency)
    simulator.quiet()
    assert {"checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"} <= set(
        mailbox.types("connect")
    )


def test_a_declined_card_leaves_the_session_open_for_another(
    simulator: Simulator, client: stripe.StripeClient, agency: str
) -> None:
    session = open_session(client, agency)
    for card, code, why in (
        (cards.DECLINED, "card_declined", "generic_decline"),
        (cards.NO_FUNDS, "card_declined", "insufficient_funds"),
    ):
        with pytest.raises(Refused) as declined:
            simulator.pay(agency, session.id, card)
        assert (declined.value.status, declined.value.code, declined.value.decline_code) == (402, code, why)
    failed = _session(client, agency, session.id)
    assert (failed.status, failed.payment_intent.status) == ("open", "requires_payment_method")
    assert failed.payment_intent.last_payment_error.decline_code == "insufficient_funds"
    assert simulator.pay(agency, session.id) == "complete"
    assert _session(client, agency, session.id).payment_intent.id == failed.payment_intent.id


def test_a_card_that_asks_is_paid_only_when_the_person_confirms(
    simulator: Simulator, client: stripe.StripeClient, agency: str
) -> None:
    session = open_session(client, agency)
    assert simulator.pay(agency, session.id, cards.ASKS_ALWAYS) == "requires_action"
    assert _session(client, agency, session.id).payment_intent.status == "requires_action"
    assert simulator.pay(agency, session.id, cards.ASKS_ALWAYS, authenticated=True) == "complete"
    session = open_session(client, agency)
    with pytest.raises(Refused):
        simulator.pay(agency, session.id, cards.ASKS_THEN_DECLINED, authenticated=True)


def test_a_real_card_number_is_not_taken(
    simulator: Simulator, client: stripe.StripeClient, agency: str
) -> None:
    session = open_session(client, agency)
    with pytest.raises(Refused, match="never a real card"):
        simulator.pay(agency, session.id, "4111111111111111")


def test_nobody_pays_twice_or_after_the_end(
    simulator: Simulator, client: stripe.StripeClient, agency: str
) -> None:
    at: Any = {"stripe_account": agency}
    session = open_session(client, agency)
    simulator.pay(agency, session.id)
    with pytest.raises(Refused, match="paid already"):
        simulator.pay(agency, session.id)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(session.id, {}, at)
    session = open_session(client, agency)
    assert client.v1.checkout.sessions.expire(session.id, {}, at).status == "expired"
    with pytest.raises(Refused, match="expired"):
        simulator.pay(agency, session.id)


def test_a_debit_completes_the_session_and_is_paid_or_fails_later(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, agency: str
) -> None:
    for iban, status, payment in (
        (cards.DEBIT, "succeeded", "paid"),
        (cards.DEBIT_FAILS, "failed", "unpaid"),
    ):
        session = open_session(client, agency)
        simulator.pay(agency, session.id, iban)
        waiting = _session(client, agency, session.id)
        assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
        assert waiting.payment_intent.status == "processing"
        simulator.settle(waiting.payment_intent.id)
        simulator.quiet()
        assert f"checkout.session.async_payment_{status}" in mailbox.types("connect")
        assert _session(client, agency, session.id).payment_status == payment


def test_a_saved_card_pays_later_without_its_owner(
    simulator: Simulator, client: stripe.StripeClient, agency: str
) -> None:
    at: Any = {"stripe_account": agency}
    customer = client.v1.customers.create({"email": "maria@client.test"}, at).id
    data = {"setup_future_usage": "off_session"}
    for card in (cards.ASKS_ONCE, cards.ASKS_ALWAYS):
        session = open_session(client, agency, customer=customer, payment_intent_data=data)
        simulator.pay(agency, session.id, card, authenticated=True)
    always, once = (
        one.id for one in client.v1.customers.payment_methods.list(customer, {"type": "card"}, at).data
    )
    given: Any = {
        "amount": 900,
        "currency": "eur",
        "customer": customer,
        "off_session": True,
        "confirm": True,
    }
    assert client.v1.payment_intents.create(given | {"payment_method": once}, at).status == "succeeded"
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create(given | {"payment_method": always}, at)
    error: Any = declined.value.error
    assert (declined.value.code, error.decline_code) == ("authentication_required", "authentication_required")
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_method.id == always


def test_a_card_is_saved_without_being_charged(
    simulator: Simulator, client: stripe.StripeClient, agency: str
) -> None:
    at: Any = {"stripe_account": agency}
    customer = client.v1.customers.create({}, at).id
    given: Any = {"mode": "setup", "currency": "eur", "customer": customer, "success_url": "http://x.test/"}
    session = client.v1.checkout.sessions.create(given, at)
    assert session.url
    simulator.pay(agency, session.id, cards.FAILS_LATER)
    setup: Any = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["setup_intent"]}, at
    ).setup_intent
    assert (setup.status, setup.customer) == ("succeeded", customer)
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "customer": customer,
                "payment_method": setup.payment_method,
                "off_session": True,
                "confirm": True,
            },
            at,
        )


def test_refunds_in_parts_never_more_than_was_paid_and_one_that_comes_back(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, agency: str
) -> None:
    at: Any = {"stripe_account": agency}
    session = open_session(client, agency)
    simulator.pay(agency, session.id, cards.REFUND_FAILS)
    intent = _session(client, agency, session.id).payment_intent
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1000}, at)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1500}, at)
    assert simulator.settle(refund.id) == "failed"
    assert client.v1.charges.retrieve(intent.latest_charge.id, {}, at).amount_refunded == 0
    client.v1.refunds.create({"payment_intent": intent.id}, at)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id}, at)
    assert refused.value.code == "charge_already_refunded"
    simulator.quiet()
    assert {"refund.created", "refund.failed", "charge.refunded"} <= set(mailbox.types())


def test_a_dispute_takes_the_money_and_a_won_one_brings_it_back(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, agency: str
) -> None:
    at: Any = {"stripe_account": agency}
    session = open_session(client, agency)
    simulator.pay(agency, session.id, cards.DISPUTED)
    dispute = client.v1.disputes.list({}, at).data[0]
    assert (dispute.status, dispute.amount) == ("needs_response", 2400)
    evidence: Any = {"evidence": {"uncategorized_text": "winning_evidence"}}
    won = client.v1.disputes.update(dispute.id, evidence, at)
    assert (won.status, [one.net for one in won.balance_transactions]) == ("won", [-2400 - 1500, 2400])
    simulator.quiet()
    kinds = [kind for kind in mailbox.types("connect") if kind.startswith("charge.dispute")]
    assert sorted(kinds) == [
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"return_url": None}, "return_url"),
        ({"line_items": one_line(10)}, "Amount must be no less than 50 eur"),
        ({"payment_intent_data": {"application_fee_amount": 2500}}, "cannot exceed"),
        ({"customer": "cus_nobody"}, "No such customer"),
        ({"expires_at": 1}, "between 30 minutes and 24 hours"),
        ({"mode": "subscription"}, "at least one recurring price"),
        ({"line_items": [*one_line(), *one_line(currency="usd")]}, "same currency"),
    ],
)
def test_a_session_that_stripe_would_refuse_is_refused(
    client: stripe.StripeClient, agency: str, change: dict[str, Any], words: str
) -> None:
    every = {"return_url": "http://x.test/", "line_items": one_line(), "mode": "payment"} | change
    given: Any = {"ui_mode": "embedded_page"}
    given |= {key: value for key, value in every.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError, match=words):
        client.v1.checkout.sessions.create(given, {"stripe_account": agency})


def test_amounts_keep_the_decimals_of_their_currency() -> None:
    from infra.stripe_simulator.pages.html import seen

    found = [seen(1000, currency) for currency in ("eur", "jpy", "kwd", "isk", "ugx")]
    assert found == ["10.00 EUR", "1000 JPY", "1.000 KWD", "10.00 ISK", "10.00 UGX"]
    assert (seen(-5, "eur"), seen(0, "jpy")) == ("-0.05 EUR", "0 JPY")

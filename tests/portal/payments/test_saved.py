"""Ways to pay that were saved, charged without the client there: rule 13."""

from typing import Any

import pytest

from infra.stripe_simulator.running import ASKS_ALWAYS, NO_FUNDS
from portal.payments import methods, operations, reconciling
from portal.payments.charging import AlreadyUnderWay
from portal.payments.models import Payment, PaymentState, SavedMethod
from portal.payments.queries import balance_of, saved_methods
from portal.people.models import Client
from tenants.agencies.current import inside
from tenants.gateway.client import stripe_client
from tests.portal.payments.conftest import Till
from tests.portal.payments.till import FAILED, bill, sums_of

WORDS = "Northwind may charge this card for my plan until I take it back."


@pytest.fixture
def saved(till: Till, maria: Client) -> SavedMethod:
    """Maria's card, saved with a first payment."""
    payment = till.begun(maria, save_method=True, mandate_words=WORDS)
    till.pay(payment)
    till.deliver()
    with inside(till.agency):
        [method] = saved_methods(maria)
        return method


def charge(till: Till, owner: Client, **more: Any) -> Payment:
    with inside(till.agency):
        wanted: dict[str, Any] = {
            "payable": bill(owner),
            "minor": 10_000,
            "currency": "EUR",
            "label": "Plan",
            "parts": [1],
        } | more
        return operations.charge_saved(client_or_company=owner, **wanted)


def test_a_saved_card_is_kept_with_the_words_that_were_agreed_to(saved: SavedMethod, maria: Client) -> None:
    assert saved.label == "Visa ending in 4242" and saved.mandate_words == WORDS
    assert saved.agreed_by_id == maria.pk and "/" in saved.expires


def test_it_is_charged_without_the_client_there(till: Till, saved: SavedMethod, maria: Client) -> None:
    payment = charge(till, maria)
    with inside(till.agency):
        assert payment.state == PaymentState.SUCCEEDED and payment.client == maria
        assert balance_of(payment.payable) == {"EUR": 10_000}
    [asked] = [
        r
        for r in till.stripe.requests("/v1/payment_intents")
        if r["idempotency_key"] == f"charge:{payment.uid}"
    ]
    assert asked["params"]["off_session"] in (True, "true")


@pytest.mark.parametrize(
    ("card", "reason"), [(ASKS_ALWAYS, "authentication_required"), (NO_FUNDS, "insufficient_funds")]
)
def test_a_refusal_is_told_to_the_module_once_with_its_reason(
    till: Till, saved: SavedMethod, maria: Client, card: str, reason: str
) -> None:
    till.stripe.set_card(till.account, saved.stripe_id, card)
    payment = charge(till, maria)
    till.deliver()
    assert (payment.state, payment.reason, FAILED) == (PaymentState.FAILED, reason, [reason])
    with inside(till.agency):
        assert sums_of(payment.payable).paid == 0


def test_nothing_saved_is_a_failure_with_a_reason(till: Till, tom: Client) -> None:
    assert charge(till, tom).reason == "no_method" and FAILED == ["no_method"]


def test_an_answer_that_is_lost_is_found_and_charged_once(
    till: Till, saved: SavedMethod, maria: Client, no_retries: None
) -> None:
    till.stripe.fault("/v1/payment_intents", when="after", status=500)
    payment = charge(till, maria)
    assert payment.state == PaymentState.CREATED
    with inside(till.agency):
        with pytest.raises(AlreadyUnderWay):
            operations.charge_saved(
                payable=payment.payable,
                minor=10_000,
                currency="EUR",
                client_or_company=maria,
                label="Plan",
                parts=[1],
            )
        Payment.objects.filter(pk=payment.pk).update(created_at="2026-11-01T00:00:00Z")
        assert reconciling.reconcile() == 1
        assert balance_of(payment.payable) == {"EUR": 10_000}
    listed = stripe_client().v1.payment_intents.list({}, {"stripe_account": till.account})
    assert len(listed.data) == 2  # the one that saved the card, and this


def test_a_charge_that_never_arrived_fails_after_an_hour(
    till: Till, saved: SavedMethod, maria: Client
) -> None:
    till.stripe.fault("/v1/payment_intents", status=500, times=3)
    payment = charge(till, maria)
    with inside(till.agency):
        Payment.objects.filter(pk=payment.pk).update(created_at="2026-11-01T00:00:00Z")
        reconciling.reconcile()
        payment.refresh_from_db()
        assert (payment.state, payment.reason) == (PaymentState.FAILED, "not_reached")


def test_a_removed_card_is_never_charged_again(till: Till, saved: SavedMethod, maria: Client) -> None:
    with inside(till.agency):
        methods.remove(saved)
        methods.remove(saved)
        assert saved_methods(maria) == []
    assert charge(till, maria).reason == "no_method"


def test_a_subscriptions_own_payment_can_be_adopted_any_number_of_times(
    till: Till, saved: SavedMethod, maria: Client
) -> None:
    with inside(till.agency):
        customer = saved.customer.stripe_id
    wanted: Any = {"amount": 900, "currency": "eur", "customer": customer}
    wanted |= {"payment_method": saved.stripe_id, "off_session": True, "confirm": True}
    intent = stripe_client().v1.payment_intents.create(wanted, {"stripe_account": till.account})
    with inside(till.agency):
        word = bill(maria)
        for _ in range(3):
            operations.adopt_intent(
                payable=word, intent_id=intent.id, minor=900, currency="EUR", client=maria, label="Plan"
            )
        assert balance_of(word) == {"EUR": 900}

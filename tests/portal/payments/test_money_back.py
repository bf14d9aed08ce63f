"""Refunds, refunds that come back, disputes lost and won: against the simulator."""

from typing import Any

import pytest

from infra.stripe_simulator.running import DISPUTED, REFUND_FAILS, REFUND_PENDS
from portal.payments import concerns, operations
from portal.payments.models import Concern, EntryKind, LedgerEntry, Payment, Refund
from portal.payments.queries import balance_of
from portal.payments.reconciling import reconcile
from portal.payments.refunding import NotRefunded, TooMuch, refundable
from portal.people.models import Client, Staff
from tenants.agencies.current import inside
from tenants.gateway.client import stripe_client
from tests.portal.payments.conftest import Till
from tests.portal.payments.till import sums_of


def paid(till: Till, maria: Client, card: str = "4242424242424242") -> Payment:
    payment = till.begun(maria)
    till.pay(payment, card)
    with inside(till.agency):
        return operations.settle(payment.uid)


def refund(till: Till, payment: Payment, minor: int) -> None:
    with inside(till.agency):
        operations.refund(payment=payment, minor=minor, reason="Too late", staff=Staff.objects.get())


def test_a_refund_is_a_negative_row_with_who_and_why(till: Till, maria: Client) -> None:
    payment = paid(till, maria)
    refund(till, payment, 4_000)
    with inside(till.agency):
        row = LedgerEntry.objects.get(kind=EntryKind.REFUND)
        assert (row.minor, row.note, str(row.staff)) == (-4_000, "Too late", "Alice Moreno")
        assert balance_of(payment.payable) == {"EUR": 6_000} and refundable(payment) == 6_000
        with pytest.raises(TooMuch, match="60.00"):
            operations.refund(payment=payment, minor=6_001, reason="", staff=None)
    refund(till, payment, 6_000)
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 0}
        with pytest.raises(TooMuch):
            operations.refund(payment=payment, minor=1, reason="", staff=None)


def test_a_refund_whose_answer_is_lost_is_made_once(till: Till, maria: Client, no_retries: None) -> None:
    payment = paid(till, maria)
    till.stripe.fault("/v1/refunds", when="after", status=500)
    with pytest.raises(NotRefunded, match="again within minutes"):
        refund(till, payment, 4_000)
    with inside(till.agency):
        assert refundable(payment) == 6_000, "what was asked for counts until it is known"
        Refund.objects.update(created_at="2026-01-01T00:00:00Z")
        assert reconcile() == 1
        assert balance_of(payment.payable) == {"EUR": 6_000}
        assert Refund.objects.get().state == Refund.State.DONE
    listed = stripe_client().v1.refunds.list({}, {"stripe_account": till.account})
    assert len(listed.data) == 1


def test_a_refund_made_in_stripes_dashboard_is_booked_too(till: Till, maria: Client) -> None:
    payment = paid(till, maria)
    wanted: Any = {"payment_intent": payment.intent_id, "amount": 1_000}
    stripe_client().v1.refunds.create(wanted, {"stripe_account": till.account})
    till.deliver()
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 9_000}


def test_a_refund_that_comes_back_is_booked_back_and_told_of(till: Till, maria: Client) -> None:
    payment = paid(till, maria, REFUND_FAILS)
    refund(till, payment, 4_000)
    with inside(till.agency):
        found = Refund.objects.get()
    till.stripe.fail_refund(till.account, str(found.stripe_id))
    till.deliver(till.events()[::-1])
    with inside(till.agency):
        kinds = sorted(LedgerEntry.objects.values_list("kind", "minor"))
        assert kinds == [("charge", 10_000), ("refund", -4_000), ("refund_failed", 4_000)]
        assert sums_of(payment.payable).paid == 10_000
        assert [c.kind for c in concerns.waiting()] == [Concern.Kind.REFUND_FAILED]
        assert refundable(payment) == 10_000


def test_a_refund_that_had_failed_before_anybody_looked_is_two_rows_as_well(
    till: Till, maria: Client
) -> None:
    payment = paid(till, maria, REFUND_FAILS)
    wanted: Any = {"payment_intent": payment.intent_id, "amount": 4_000}
    made = stripe_client().v1.refunds.create(wanted, {"stripe_account": till.account})
    till.stripe.fail_refund(till.account, made.id)
    till.deliver()
    with inside(till.agency):
        kinds = sorted(LedgerEntry.objects.values_list("kind", "minor"))
        assert kinds == [("charge", 10_000), ("refund", -4_000), ("refund_failed", 4_000)]


def test_a_refund_on_its_way_is_booked_when_it_is_through(till: Till, maria: Client) -> None:
    payment = paid(till, maria, REFUND_PENDS)
    refund(till, payment, 4_000)
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 10_000} and refundable(payment) == 6_000
        found = Refund.objects.get()
    till.stripe.settle(str(found.stripe_id))
    till.deliver()
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 6_000} and refundable(payment) == 6_000


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_takes_the_money_and_a_won_one_brings_it_back(till: Till, maria: Client, won: bool) -> None:
    payment = paid(till, maria, DISPUTED)
    till.deliver()
    with inside(till.agency):
        assert sums_of(payment.payable).paid == 0
        [concern] = concerns.waiting()
        assert (concern.kind, concern.minor) == (
            Concern.Kind.DISPUTE,
            10_000,
        ) and "Answer at Stripe" in concern.note
        dispute = LedgerEntry.objects.get(kind=EntryKind.DISPUTE).ref
    till.stripe.close_dispute(till.account, dispute, won=won)
    till.deliver(till.events()[::-1])
    with inside(till.agency):
        assert sums_of(payment.payable).paid == (10_000 if won else 0)
        assert concerns.waiting() == []
        assert LedgerEntry.objects.filter(kind=EntryKind.DISPUTE_WON).count() == int(won)

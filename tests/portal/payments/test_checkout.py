"""Paying by card in the portal, against the simulator: rules 2, 3, 5, 7, 8."""

import itertools
from typing import Any

import pytest
import stripe
from django.db import transaction

from infra.stripe_simulator.running import (
    ASKS_ALWAYS,
    DEBIT,
    DEBIT_FAILS,
    DECLINED,
)
from infra.stripe_simulator.running import (
    Refused as SimulatorRefused,
)
from kit.refused import Refused
from portal.payments import concerns, operations
from portal.payments.checkout import JustPaid, NotPayable
from portal.payments.models import Concern, LedgerEntry, Payment, PaymentState
from portal.payments.queries import balance_of, can_take_cards
from portal.payments.settling import settle
from portal.payments.stripe_account import NoCards
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway.models import ConnectAccount, InboxEvent
from tests.cast import portal_browser
from tests.portal.payments.conftest import Till
from tests.portal.payments.till import bill, sums_of


def test_a_card_payment_is_booked_by_webhook_return_page_and_reconciliation_alike(
    till: Till, maria: Client
) -> None:
    paid = [till.begun(maria) for _ in range(3)]
    for payment in paid:
        till.pay(payment)
    till.deliver([e for e in till.events() if e["data"]["object"].get("id") == paid[0].session_id])
    assert portal_browser(till.agency, maria).get(f"/payments/{paid[1].uid}/done/").status_code == 200
    with inside(till.agency):
        from portal.payments import reconciling

        Payment.objects.update(created_at="2026-01-01T00:00:00Z")
        assert reconciling.reconcile() == 1
        rows = LedgerEntry.objects.order_by("pk").values_list("kind", "minor", "client", "payment")
        assert sorted(rows) == sorted(("charge", 10_000, maria.pk, payment.pk) for payment in paid)
        assert {p.state for p in Payment.objects.all()} == {PaymentState.SUCCEEDED}
        assert all(sums_of(p.payable).paid == 10_000 for p in paid)


def test_real_events_reversed_tripled_and_lost_end_the_same(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    with inside(till.agency):
        settle(payment.uid)
        fresh = Payment.objects.get(pk=payment.pk)
        operations.refund(payment=fresh, minor=2_500, reason="too much", staff=None)
    events = till.events()
    till.deliver([*events[::-1], *events, *events])
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 7_500} and LedgerEntry.objects.count() == 2
        assert sums_of(payment.payable).paid == 7_500


def test_six_events_in_a_dozen_orders_over_the_wire_of_the_inbox(till: Till, maria: Client) -> None:
    """Each order starts from an empty ledger; the handlers fetch, so one look is the truth of all. That all
    orders of the looks end the same: `test_settling`."""
    payment = till.begun(maria)
    till.pay(payment)
    events = till.events()[-6:]
    states = set()
    for order in itertools.islice(itertools.permutations(events), 0, 720, 60):
        with transaction.atomic():
            till.deliver([*order, order[0]])
            with inside(till.agency):
                states.add((Payment.objects.get(pk=payment.pk).state, str(balance_of(payment.payable))))
            InboxEvent.objects.all().delete()
            transaction.set_rollback(True)
    assert states == {("succeeded", "{'EUR': 10000}")}


def test_the_return_page_believes_stripe_and_not_its_address(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    browser = portal_browser(till.agency, maria)
    page = browser.get(
        f"/payments/{payment.uid}/done/?session_id=cs_paid&status=complete&redirect_status=succeeded"
    )
    assert "Not paid yet" in page.content.decode()
    with inside(till.agency):
        assert not LedgerEntry.objects.exists()


def test_a_declined_card_can_be_replaced_and_three_d_secure_be_refused(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    with pytest.raises(SimulatorRefused):
        till.pay(payment, DECLINED)
    till.deliver()
    with inside(till.agency):
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.OPEN
    assert till.pay(payment, ASKS_ALWAYS) == "requires_action"
    with inside(till.agency):
        assert settle(payment.uid).state == PaymentState.OPEN and not LedgerEntry.objects.exists()
    till.pay(payment)
    with inside(till.agency):
        assert settle(payment.uid).state == PaymentState.SUCCEEDED


@pytest.mark.parametrize(
    ("debit", "state", "paid"), [(DEBIT, "succeeded", 10_000), (DEBIT_FAILS, "failed", 0)]
)
def test_a_bank_debit_is_on_its_way_until_the_bank_answers(
    till: Till, maria: Client, debit: str, state: str, paid: int
) -> None:
    payment = till.begun(maria)
    till.pay(payment, debit)
    till.deliver()
    with inside(till.agency):
        seen = Payment.objects.get(pk=payment.pk)
        assert seen.state == PaymentState.PROCESSING and sums_of(payment.payable).paid == 0
    assert (
        "On its way"
        in portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/done/").content.decode()
    )
    till.stripe.settle(str(seen.intent_id))
    till.deliver()
    with inside(till.agency):
        assert Payment.objects.get(pk=payment.pk).state == state and sums_of(payment.payable).paid == paid


def test_a_second_tab_ends_the_first(till: Till, maria: Client) -> None:
    first = till.begun(maria)
    second = till.begun(maria, word=first.payable)
    with inside(till.agency):
        first.refresh_from_db()
        assert first.state == PaymentState.EXPIRED
    with pytest.raises(SimulatorRefused):
        till.pay(first)
    page = portal_browser(till.agency, maria).get(f"/payments/{first.uid}/", follow=True).content.decode()
    assert "This payment page has ended" in page
    till.pay(second)
    with pytest.raises(JustPaid):
        till.begun(maria, word=first.payable)
    with inside(till.agency):
        assert sums_of(first.payable).paid == 10_000


def test_two_tabs_that_race_are_both_booked_and_flagged(till: Till, maria: Client) -> None:
    first = till.begun(maria)
    with inside(till.agency):
        Payment.objects.filter(pk=first.pk).update(state="failed")  # the second tab did not see it
    second = till.begun(maria, word=first.payable)
    till.pay(first)
    till.pay(second)
    till.deliver()
    with inside(till.agency):
        assert sums_of(first.payable).paid == 20_000
        assert [(c.kind, c.minor) for c in concerns.waiting()] == [(Concern.Kind.OVERPAID, 10_000)]


def test_our_row_is_there_before_stripe_is_asked_and_its_uid_is_the_key(till: Till, maria: Client) -> None:
    till.stripe.fault("/v1/checkout/sessions", when="after", status=500)
    payment = till.begun(maria)
    asked = [r for r in till.stripe.requests("/v1/checkout/sessions") if r["account"] == till.account]
    keys = {request["idempotency_key"] for request in asked if request.get("idempotency_key")}
    assert keys == {f"checkout:{payment.uid}"}
    listed = stripe_sessions(till)
    assert len(listed) == 1, "an answer that was lost opened a second session"
    with inside(till.agency), transaction.atomic(), pytest.raises(RuntimeError):
        till.begun(maria)


def stripe_sessions(till: Till) -> list[Any]:
    from tenants.gateway.client import stripe_client

    return list(stripe_client().v1.checkout.sessions.list({}, {"stripe_account": till.account}).data)


def test_when_stripe_does_not_answer_the_client_is_told_and_nothing_is_open(
    till: Till, maria: Client
) -> None:
    till.stripe.fault("/v1/checkout/sessions", status=500, times=3)
    with pytest.raises(Refused, match="does not answer"):
        till.begun(maria)
    with inside(till.agency):
        assert [p.state for p in Payment.objects.all()] == [PaymentState.FAILED]


def test_after_an_error_the_next_try_is_another_row_with_another_key(till: Till, maria: Client) -> None:
    """Stripe answers a key with the same error for a day."""
    till.stripe.fault("/v1/checkout/sessions", status=400)
    with inside(till.agency):
        word = bill(maria)
    with pytest.raises(Refused):
        till.begun(maria, word=word)
    payment = till.begun(maria, word=word)
    till.pay(payment)
    with inside(till.agency):
        assert settle(payment.uid).state == PaymentState.SUCCEEDED
        assert sorted(Payment.objects.values_list("state", flat=True)) == ["failed", "succeeded"]
    asked = [r for r in till.stripe.requests("/v1/checkout/sessions") if r["account"] == till.account]
    assert len({r["idempotency_key"] for r in asked if r["verb"] == "POST" and r["idempotency_key"]}) >= 2


def test_amounts_that_no_card_takes_are_refused(till: Till, maria: Client) -> None:
    for minor, currency in ((0, "EUR"), (-5, "EUR"), (1_234, "KWD")):
        with pytest.raises(NotPayable):
            till.begun(maria, minor=minor, currency=currency)
    with inside(till.agency):
        assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("currency", "minor", "sent"), [("JPY", 1500, 1500), ("KWD", 1230, 1230), ("ISK", 500, 50_000)]
)
def test_yen_dinars_and_kronur_arrive_as_they_were_asked_for(
    till: Till, maria: Client, currency: str, minor: int, sent: int
) -> None:
    payment = till.begun(maria, minor, minor=minor, currency=currency)
    till.pay(payment)
    with inside(till.agency):
        settle(payment.uid)
        assert balance_of(payment.payable) == {currency: minor}
    [session] = stripe_sessions(till)
    assert session.amount_total == sent


def test_one_cent_short_at_stripe_waits_for_a_human(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    with inside(till.agency):
        Payment.objects.filter(pk=payment.pk).update(minor=10_001)
    till.pay(payment)
    till.deliver()
    with inside(till.agency):
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.MISMATCH
        assert not LedgerEntry.objects.exists() and sums_of(payment.payable).paid == 0
        assert [c.kind for c in concerns.waiting()] == [Concern.Kind.MISMATCH]
    page = portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/done/").content.decode()
    assert "We are checking your payment" in page


def test_an_event_of_another_agencys_account_moves_nothing(
    till: Till, maria: Client, harbour: CurrentAgency, ines: Client
) -> None:
    """Harbour's account, Northwind's ids: the metadata is a lie, and nobody believes it."""
    other = till.stripe.account()
    ConnectAccount.objects.create(
        agency_id=harbour.id, stripe_account_id=other, country="DE", currency="EUR", charges_enabled=True
    )
    payment = till.begun(maria)
    till.pay(payment)
    stolen = [event | {"account": other} for event in till.events()]
    till.deliver(stolen)
    with inside(till.agency):
        assert not LedgerEntry.objects.exists()
    with inside(harbour):
        assert not LedgerEntry.objects.exists()
        theirs = Payment.objects.create(
            payable=bill(ines), client=ines, minor=1, currency="EUR", label="x", session_id=payment.session_id
        )
        with pytest.raises(stripe.InvalidRequestError):
            settle(theirs.uid)
        assert not LedgerEntry.objects.exists()


def test_without_an_account_or_after_it_was_taken_away_nothing_begins(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    till.stripe.deauthorize(till.account)
    ConnectAccount.objects.update(deauthorized_at="2026-01-01T00:00:00Z")
    with inside(till.agency):
        assert not can_take_cards()
        with pytest.raises(NoCards):
            till.begun(maria)
    ConnectAccount.objects.all().delete()
    with inside(till.agency), pytest.raises(NoCards):
        settle(payment.uid)

"""Webhooks forged, lying, of somebody else's account, hours late: nothing is booked but what Stripe has."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kit import clock
from portal.payments import concerns, operations
from portal.payments.models import LedgerEntry, Payment, PaymentState
from portal.payments.queries import balance_of
from portal.payments.stripe_account import NoCards
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway.client import stripe_client
from tenants.gateway.models import ConnectAccount, InboxEvent
from tests.cast import portal_browser
from tests.portal.payments.conftest import SECRET, Till
from tests.portal.payments.till import sums_of
from tests.running_jobs import run_jobs
from tests.tenants.gateway.events import send, signed


def unpaid(till: Till, payment: Payment) -> bool:
    with inside(till.agency):
        state = Payment.objects.get(pk=payment.pk).state
        return state == PaymentState.OPEN and not LedgerEntry.objects.exists()


def says_paid(till: Till, payment: Payment, **more: Any) -> dict[str, Any]:
    """An event as Stripe would send it, had this session been paid."""
    session: dict[str, Any] = {"id": payment.session_id, "object": "checkout.session", "status": "complete"}
    session |= {"payment_status": "paid", "amount_total": 10_000, "currency": "eur"}
    session |= {"metadata": {"payment": str(payment.uid)}}
    event = {
        "id": "evt_made_up",
        "object": "event",
        "type": "checkout.session.completed",
        "created": 1_767_225_600,
    }
    return event | {"livemode": False, "account": till.account, "data": {"object": session}} | more


def test_a_forged_event_is_refused_and_leaves_no_trace(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    body = json.dumps(says_paid(till, payment)).encode()
    real = signed(body.replace(b"complete", b"expired!"), SECRET)
    for header in ("", "t=1,v1=00", signed(body, "whsec_guessed"), signed(body, SECRET, 301), real):
        assert send(body, header=header).status_code == 400
    assert not InboxEvent.objects.exists() and run_jobs() == [] and unpaid(till, payment)


def test_an_event_that_lies_under_a_good_signature_books_nothing(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.deliver([says_paid(till, payment)])
    intent = {
        "id": "pi_made_up",
        "object": "payment_intent",
        "status": "succeeded",
        "amount_received": 10_000,
    }
    intent |= {"currency": "eur", "metadata": {"payment": str(payment.uid)}}
    lie = {"id": "evt_2", "type": "payment_intent.succeeded", "data": {"object": intent}}
    till.deliver([says_paid(till, payment, **lie)])
    assert unpaid(till, payment)


def test_money_paid_to_another_agency_in_our_name_is_not_ours(
    till: Till, maria: Client, harbour: CurrentAgency
) -> None:
    """Harbour's own, paid session whose metadata names Northwind and one of its payments."""
    other = till.stripe.account()
    ConnectAccount.objects.create(
        agency_id=harbour.id, stripe_account_id=other, country="DE", currency="EUR", charges_enabled=True
    )
    payment = till.begun(maria)
    session = paid_elsewhere(till, other, payment)
    listed = stripe_client().v1.events.list({"limit": 100}, {"stripe_account": other})
    events = [one.to_dict(for_json=True) | {"account": other} for one in listed.auto_paging_iter()]
    assert session in str(events)
    till.deliver(events)
    assert unpaid(till, payment)
    with inside(harbour):
        assert not LedgerEntry.objects.exists() and not Payment.objects.exists()


def test_another_session_of_our_account_that_names_a_payment_does_not_pay_it(
    till: Till, maria: Client
) -> None:
    payment = till.begun(maria)
    paid_elsewhere(till, till.account, payment)
    till.deliver()
    assert unpaid(till, payment)


def paid_elsewhere(till: Till, account: str, payment: Payment) -> str:
    """A paid session, not of ours, that says it is the payment; its id."""
    metadata = {"payment": str(payment.uid), "agency": till.agency.slug, "agency_id": str(till.agency.id)}
    price = {"currency": "eur", "unit_amount": 10_000, "product_data": {"name": "Bill"}}
    wanted: Any = {
        "mode": "payment",
        "ui_mode": "embedded_page",
        "return_url": "http://portal.test/",
        "line_items": [{"quantity": 1, "price_data": price}],
        "metadata": metadata,
        "client_reference_id": str(payment.uid),
        "payment_intent_data": {"metadata": metadata},
    }
    session = stripe_client().v1.checkout.sessions.create(wanted, {"stripe_account": account})
    till.stripe.pay(account, session.id)
    return str(session.id)


def test_one_cent_short_is_told_to_staff_and_never_booked_as_paid(till: Till, maria: Client) -> None:
    payment = till.begun(maria, minor=9_999)
    with inside(till.agency):
        Payment.objects.filter(pk=payment.pk).update(minor=10_000)
    till.pay(payment)
    till.deliver([*till.events(), *till.events()])
    with inside(till.agency):
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.MISMATCH
        assert not LedgerEntry.objects.exists() and sums_of(payment.payable).paid == 0
        [concern] = concerns.waiting()
        assert "€100.00" in concern.note and "€99.99" in concern.note


def test_who_comes_back_three_hours_late_finds_it_paid(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=True):
        page = portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/done/").content.decode()
        assert "Paid, thank you" in page
        till.deliver()
    with inside(till.agency):
        assert balance_of(payment.payable) == {"EUR": 10_000}


def test_after_the_account_was_taken_away_refunds_and_disputes_are_still_booked(
    till: Till, maria: Client
) -> None:
    paid = [till.begun(maria) for _ in range(2)]
    for payment in paid:
        till.pay(payment)
    till.deliver()
    gone = says_paid(till, paid[0], id="evt_gone", type="account.application.deauthorized")
    till.deliver([gone])
    assert ConnectAccount.objects.get().deauthorized_at
    with inside(till.agency):
        first, second = (Payment.objects.get(pk=payment.pk) for payment in paid)
    wanted: Any = {"payment_intent": first.intent_id, "amount": 4_000}
    stripe_client().v1.refunds.create(wanted, {"stripe_account": till.account})
    intent: Any = stripe_client().v1.payment_intents.retrieve(
        str(second.intent_id), {}, {"stripe_account": till.account}
    )
    till.stripe.dispute(till.account, intent.latest_charge)
    till.deliver()
    with inside(till.agency):
        assert sums_of(first.payable).paid == 6_000 and sums_of(second.payable).paid == 0
        with pytest.raises(NoCards):
            till.begun(maria)


def test_neither_keys_nor_client_secrets_nor_bodies_reach_a_log(
    till: Till, maria: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        payment = till.begun(maria)
        page = portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/").content.decode()
        till.pay(payment)
        till.stripe.fault("/v1/checkout/sessions", verb="GET", status=500, times=3)
        till.deliver()
        send(b"{}", header="t=1,v1=x")
    assert f"{payment.session_id}_secret_" in page
    written = "\n".join(f"{one.name} {one.getMessage()} {one.exc_text or ''}" for one in caplog.records)
    for secret in ("_secret_", "sk_test", "whsec_", maria.email, "amount_total", "client_reference_id"):
        assert secret not in written


def test_stripe_is_never_asked_to_mail_a_receipt(till: Till, maria: Client) -> None:
    """Receipts are ours, in the agency's brand."""
    before = len(till.stripe.requests())
    payment = till.begun(maria, save_method=True, mandate_words="Yes")
    till.pay(payment)
    with inside(till.agency):
        payment = operations.settle(payment.uid)
        operations.charge_saved(
            payable=payment.payable, minor=500, currency="EUR", client_or_company=maria, label="More"
        )
        operations.refund(payment=payment, minor=500, reason="", staff=None)
    asked = till.stripe.requests()[before:]
    assert {"/v1/checkout/sessions", "/v1/payment_intents", "/v1/refunds"} <= {one["path"] for one in asked}
    assert not [one for one in asked if "receipt_email" in json.dumps(one["params"])]
    intent: Any = stripe_client().v1.payment_intents.retrieve(
        str(payment.intent_id), {}, {"stripe_account": till.account}
    )
    assert intent.receipt_email is None

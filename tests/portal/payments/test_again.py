"""A form that is too old ends and is begun afresh; a saved card and a form are never asked for the same money."""

from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from portal.payments import checkout, operations, reconciling
from portal.payments.checkout import BeingCharged, NoLongerOwed
from portal.payments.models import LedgerEntry, Payment, PaymentState
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.payments import test_saved
from tests.portal.payments.conftest import Till
from tests.portal.payments.till import Bills, bill

saved = test_saved.saved  # Maria has a saved card


def three_hours_ago(till: Till, payment: Payment) -> None:
    with inside(till.agency):
        Payment.objects.filter(pk=payment.pk).update(created_at=clock.now() - timedelta(hours=3))


def test_an_old_form_ends_when_it_is_looked_at_and_begins_afresh(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    three_hours_ago(till, payment)
    browser = portal_browser(till.agency, maria)
    words = browser.get(f"/payments/{payment.uid}/", follow=True).content.decode()
    assert "This payment page has ended" in words and "Start afresh" in words
    answer = browser.post(f"/payments/{payment.uid}/again/")
    with inside(till.agency):
        fresh = Payment.objects.latest("pk")
        assert answer["Location"] == f"/payments/{fresh.uid}/" and fresh.pk != payment.pk
        same = ("payable", "minor", "currency", "label", "return_path")
        assert all(getattr(fresh, name) == getattr(payment, name) for name in same)
        payment.refresh_from_db()
        assert (payment.state, fresh.state) == (PaymentState.EXPIRED, PaymentState.OPEN)


def test_an_old_form_ends_by_itself(till: Till, maria: Client) -> None:
    payment, young = till.begun(maria), till.begun(maria)
    three_hours_ago(till, payment)
    with inside(till.agency):
        Payment.objects.filter(pk=young.pk).update(created_at=clock.now() - timedelta(minutes=100))
        reconciling.reconcile()
        states = dict(Payment.objects.values_list("pk", "state"))
    assert states == {payment.pk: PaymentState.EXPIRED, young.pk: PaymentState.OPEN}


def test_what_was_paid_is_not_begun_again(till: Till, maria: Client) -> None:
    payment = till.begun(maria)
    till.pay(payment)
    three_hours_ago(till, payment)
    browser = portal_browser(till.agency, maria)
    assert browser.post(f"/payments/{payment.uid}/again/").status_code == 302
    with inside(till.agency):
        assert Payment.objects.count() == 1 and LedgerEntry.objects.get().minor == 10_000


def test_only_what_is_still_owed_is_begun_again(
    till: Till, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = till.begun(maria)
    three_hours_ago(till, payment)
    portal_browser(till.agency, maria).get(f"/payments/{payment.uid}/")
    monkeypatch.setattr(Bills, "most", lambda self, row: 9_999)
    with inside(till.agency):
        with pytest.raises(NoLongerOwed):
            checkout.again(Payment.objects.get(), client=maria)
        assert Payment.objects.count() == 1


def test_strangers_begin_nothing(
    till: Till, maria: Client, charlie: Client, harbour: CurrentAgency, ines: Client
) -> None:
    payment = till.begun(maria)
    three_hours_ago(till, payment)
    path = f"/payments/{payment.uid}/again/"
    assert portal_browser(till.agency, charlie).post(path).status_code == 404
    assert portal_browser(harbour, ines).post(path).status_code == 404
    assert portal_browser(till.agency).post(path).status_code == 302
    assert portal_browser(till.agency, maria).get(path).status_code == 405
    with inside(till.agency):
        assert Payment.objects.count() == 1


def charge(till: Till, word: str, owner: Client) -> Payment:
    with inside(till.agency):
        return operations.charge_saved(
            payable=word, minor=10_000, currency="EUR", client_or_company=owner, label="Plan"
        )


def test_no_form_opens_while_the_saved_card_is_being_charged(
    till: Till,
    saved: Any,
    maria: Client,
    no_retries: None,
) -> None:
    with inside(till.agency):
        word = bill(maria)
    till.stripe.fault("/v1/payment_intents", when="after", status=500)
    assert charge(till, word, maria).state == PaymentState.CREATED
    with pytest.raises(BeingCharged):
        till.begun(maria, word=word)


def test_an_open_form_ends_before_the_saved_card_is_charged(
    till: Till,
    saved: Any,
    maria: Client,
) -> None:
    with inside(till.agency):
        word = bill(maria)
    form = till.begun(maria, word=word)
    assert charge(till, word, maria).state == PaymentState.SUCCEEDED
    with inside(till.agency):
        form.refresh_from_db()
        assert form.state == PaymentState.EXPIRED


def test_nothing_is_charged_when_somebody_has_just_paid(
    till: Till,
    saved: Any,
    maria: Client,
) -> None:
    with inside(till.agency):
        word = bill(maria)
    till.pay(till.begun(maria, word=word))
    with pytest.raises(checkout.JustPaid):
        charge(till, word, maria)


def test_no_more_is_charged_than_is_owed_by_then(
    till: Till,
    saved: Any,
    maria: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with inside(till.agency):
        word = bill(maria)
        before = Payment.objects.count()
    monkeypatch.setattr(Bills, "most", lambda self, row: 9_999)
    with pytest.raises(NoLongerOwed):
        charge(till, word, maria)
    with inside(till.agency):
        assert Payment.objects.count() == before

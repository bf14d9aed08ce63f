"""What goes wrong in the life of a subscription: cards removed, prices moved, money taken back."""

from typing import Any

import pytest

from infra.stripe_simulator.running import MASTERCARD
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Step, Subscription
from portal.entitlements.queries import grants_of, may_use
from portal.mail.models import Message
from portal.payments.models import Payment
from portal.payments.operations import refund, settle
from portal.payments.queries import balance_of
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import inside
from tests.cast import console_browser, portal_browser
from tests.modules.subscriptions.scene import COURSE, Till, make_offer


def remove_card(till: Till, bought: Subscription) -> None:
    client, options = stripe_of_agency()
    seen = client.v1.subscriptions.retrieve(str(bought.stripe_id), {}, options).to_dict()
    client.v1.payment_methods.detach(seen["default_payment_method"], options=options)


def test_a_removed_card_is_asked_for_before_the_next_payment(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        remove_card(till, bought)
    # Stripe says nothing of the subscription when a card is removed.
    told = [event for event in till.events() if event["type"].startswith("payment_method.detached")]
    till.hear(told)
    till.hear([event | {"id": f"{event['id']}_again"} for event in told])
    with inside(till.agency):
        bought.refresh_from_db()
        assert bought.state == "active" and bought.is_without_card and may_use(tom, COURSE)
        assert Message.objects.filter(email="subscriptions.card_gone").count() == 1
    page = portal_browser(till.agency, tom).get(f"/subscriptions/{bought.pk}/").content.decode()
    assert "no payment method any more" in page and "Add a payment method" in page
    with inside(till.agency):
        step = operations.open_card_checkout(bought, client=tom)
        till.simulator.pay(till.account, step.reference, MASTERCARD)
        operations.finish_card(step)
        bought.refresh_from_db()
        assert not bought.is_without_card and bought.method == "Mastercard •••• 4444"
        assert may_use(tom, COURSE)


def test_two_that_open_the_same_are_counted(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        first, second = till.buy(care, tom), till.buy(make_offer(name="Other"), tom)
        assert grants_of(tom, COURSE) == 2
        operations.cancel_now(first, by=None)  # type: ignore[arg-type]
        assert may_use(tom, COURSE)
        operations.cancel_now(second, by=None)  # type: ignore[arg-type]
        assert not may_use(tom, COURSE)


def test_the_agency_moves_subscribers_to_its_new_price(
    till: Till, alice: Account, care: Offer, tom: Client, maria: Client
) -> None:
    with inside(till.agency):
        bought, other = till.buy(care, tom), till.buy(make_offer(name="Other"), maria)
        operations.edit_offer(care, by=None, minor=5900)
        till.simulator.advance(days=0)
        assert bought.minor == 4900
    browser, at = console_browser(alice), f"/northwind/subscriptions/offers/{care.pk}/"
    assert "1 pays another price" in browser.get(at).content.decode()
    browser.post(f"{at}price/")
    browser.post(f"{at}price/")  # two taps
    with inside(till.agency):
        assert operations.carry_out_prices() == 1 and operations.carry_out_prices() == 0
        bought.refresh_from_db()
        other.refresh_from_db()
        assert (bought.minor, bought.upcoming_minor, other.minor) == (5900, 5900, 4900)
        assert bought.bills.count() == 1  # nothing was charged for the running month
        assert Message.objects.filter(email="subscriptions.price").count() == 1
        step = Step.objects.get(kind=Step.Kind.PRICE)
        assert step.staff is not None and step.done_at
    till.simulator.advance(days=32)
    with inside(till.agency):
        fresh = operations.mirror(str(bought.stripe_id))
        assert fresh and sorted(bill.minor for bill in fresh.bills.all()) == [4900, 5900]
    assert "another price" not in browser.get(at).content.decode()


@pytest.fixture
def once(till: Till, tom: Client) -> Any:
    """Tom's single payment, and what he bought with it."""
    with inside(till.agency):
        bought = operations.begin(make_offer(kind="one_time", minor=19000), client=tom, company=None)
        payment = operations.pay_once(bought, client=tom)
        till.simulator.pay(till.account, str(payment.session_id))
        payment = settle(payment.uid)
        assert may_use(tom, COURSE)
    return bought, payment


def charge_of(till: Till, payment: Any) -> str:
    client, options = stripe_of_agency()
    intent = client.v1.payment_intents.retrieve(payment.intent_id, {}, options).to_dict()
    return str(intent["latest_charge"])


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_closes_and_a_won_one_opens_again(till: Till, tom: Client, once: Any, won: bool) -> None:
    bought, payment = once
    with inside(till.agency):
        dispute = till.simulator.dispute(till.account, charge_of(till, payment))
    till.hear()
    with inside(till.agency):
        bought.refresh_from_db()
        assert bought.state == "canceled" and not may_use(tom, COURSE)
    till.simulator.close_dispute(till.account, dispute, won=won)
    till.hear()
    with inside(till.agency):
        bought.refresh_from_db()
        assert may_use(tom, COURSE) is won
        assert bought.state == ("active" if won else "canceled")


def test_a_refund_ends_it_and_it_can_be_bought_again(till: Till, tom: Client, once: Any) -> None:
    bought, payment = once
    with inside(till.agency):
        refund(payment=payment, minor=19000, reason="", staff=None)
        settle(payment.uid)
        bought.refresh_from_db()
        assert bought.state == "canceled" and not may_use(tom, COURSE)
        again = operations.begin(bought.offer, client=tom, company=None)
        assert again.pk != bought.pk and again.started_at is None


def test_what_staff_ended_does_not_open_with_a_late_event(till: Till, tom: Client, once: Any) -> None:
    bought, payment = once
    with inside(till.agency):
        operations.cancel_now(bought, by=None)  # type: ignore[arg-type]
        settle(payment.uid)
    till.hear()
    with inside(till.agency):
        bought.refresh_from_db()
        assert bought.state == "canceled" and not may_use(tom, COURSE)


def test_a_refund_and_a_dispute_of_one_payment_show_and_close_nothing(
    till: Till, alice: Account, care: Offer, tom: Client
) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        payment = Payment.objects.get(payable=bought.source)
        refund(payment=payment, minor=1000, reason="", staff=None)
        settle(payment.uid)
    at = f"/subscriptions/{bought.pk}/"
    assert "€10.00 paid back" in portal_browser(till.agency, tom).get(at).content.decode()
    till.simulator.advance(days=32)
    till.hear()
    with inside(till.agency):
        second = Payment.objects.filter(payable=bought.source).latest("pk")
        till.simulator.dispute(till.account, charge_of(till, second))
    till.hear()
    page = console_browser(alice).get(f"/northwind{at}").content.decode()
    assert "Disputed" in page and f"/northwind/payments/{second.uid}/" in page
    with inside(till.agency):
        assert balance_of(bought.source) == {"EUR": 4900 - 1000}
        assert may_use(tom, COURSE)

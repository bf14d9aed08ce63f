"""Automatic payment: agreed to, announced, charged on the day, tried again, given up, switched off."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from infra.stripe_simulator.running import ASKS_ALWAYS, MASTERCARD, NO_FUNDS
from kit import clock
from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import Autopay, Invoice, InvoiceSettings, Mandate, Policy, State
from modules.invoices.queries import autopay as queries
from portal.mail.models import Message
from portal.payments import methods
from portal.payments.models import LedgerEntry, Payment, SavedMethod, StripeCustomer
from portal.people.models import Client, Staff
from tests.modules.invoices.automatic import (
    EXPIRED,
    announced,
    deliver,
    mails,
    on,
    run,
    saved_card,
    second_day,
)
from tests.modules.invoices.scene import fresh, issued
from tests.portal.payments.conftest import Till


def test_the_words_their_version_who_and_when_are_kept(agreed: Invoice, maria: Client) -> None:
    mandate = Mandate.objects.active().get()
    assert (mandate.invoice, mandate.agreed_by, mandate.version) == (agreed, maria, queries.MANDATE_VERSION)
    assert agreed.number in mandate.words and "3 days before" in mandate.words
    assert abs(clock.now() - mandate.agreed_at) < timedelta(minutes=5)
    card = saved_card()
    assert card.mandate_words == mandate.words and card.customer.company == agreed.company


def test_an_agreement_holds_only_when_its_payment_came(four_parts: Invoice, maria: Client) -> None:
    operations.start_payment(four_parts, choice="next", client=maria, with_autopay=True)
    assert Mandate.objects.exists() and not Mandate.objects.active().exists()
    assert queries.mandate_for(four_parts) is None


def test_announced_three_days_before_then_charged_on_the_day_once(agreed: Invoice, maria: Client) -> None:
    day = second_day(agreed)
    assert run(day - timedelta(days=4)) == 0 and mails("charge_coming") == 0
    assert run(day - timedelta(days=3)) == 0 and mails("charge_coming") == 1
    assert run(day - timedelta(days=1)) == 0 and mails("charge_coming") == 1
    assert run(day, times=3) == 1
    assert [entry.minor for entry in LedgerEntry.objects.order_by("pk")] == [25_00, 25_00]
    assert LedgerEntry.objects.latest("pk").client == maria
    assert fresh(agreed).next_due_on == day + timedelta(days=30)


def test_who_heard_of_it_late_is_charged_late(agreed: Invoice) -> None:
    day = second_day(agreed)
    assert run(day) == 0 and mails("charge_coming") == 1
    assert run(day + timedelta(days=2)) == 0
    assert run(day + timedelta(days=3)) == 1


def test_never_more_than_was_announced(agreed: Invoice, alice_staff: Staff) -> None:
    day = announced(agreed)
    rest = [operations.Part("All", 75_00, due_on=day)]
    operations.set_plan(agreed, rest, by=alice_staff)
    run(day, times=4)
    assert [entry.minor for entry in LedgerEntry.objects.order_by("pk")] == [25_00, 25_00]
    assert mails("charge_coming") == 2, "the rest is news"
    assert run(day + timedelta(days=2)) == 0
    assert run(day + timedelta(days=3)) == 1 and fresh(agreed).state == State.PAID


def test_at_night_nobody_is_charged(agreed: Invoice) -> None:
    day = announced(agreed)
    with time_machine.travel(f"{day} 04:00Z"):
        assert operations.charge_due() == 0


@pytest.mark.parametrize("why", [{"is_disputed": True}, {"promised_on": date(2099, 1, 1)}])
def test_what_is_in_question_is_not_charged(agreed: Invoice, why: dict[str, Any]) -> None:
    day = announced(agreed)
    Invoice.objects.filter(pk=agreed.pk).update(**why)
    assert run(day) == 0 and LedgerEntry.objects.count() == 1


def test_who_says_paid_by_transfer_is_not_charged(agreed: Invoice, maria: Client) -> None:
    day = announced(agreed)
    operations.report_transfer(agreed, minor=25_00, paid_on=clock.now().date(), client=maria)
    assert run(day) == 0


def test_who_pays_in_the_portal_meanwhile_is_not_charged(shop: Till, agreed: Invoice, maria: Client) -> None:
    day = announced(agreed)
    payment = operations.start_payment(agreed, choice="next", client=maria)
    shop.pay(payment)  # the webhook is not there yet
    assert run(day) == 0
    assert [entry.minor for entry in LedgerEntry.objects.order_by("pk")] == [25_00, 25_00]
    assert fresh(agreed).over_minor == 0


def test_a_form_that_is_open_ends_before_the_charge(shop: Till, agreed: Invoice, maria: Client) -> None:
    day = announced(agreed)
    payment = operations.start_payment(agreed, choice="next", client=maria)
    assert run(day) == 1
    payment.refresh_from_db()
    assert payment.state == "expired" and fresh(agreed).over_minor == 0


def test_a_soft_refusal_is_tried_again_on_the_ladder_and_then_given_up(shop: Till, agreed: Invoice) -> None:
    day = announced(agreed)
    shop.stripe.set_card(shop.account, saved_card().stripe_id, NO_FUNDS)
    tried = []
    for distance in range(20):
        before = Payment.objects.count()
        run(day + timedelta(days=distance))
        tried += [distance] * (Payment.objects.count() - before)
    assert tried == [0, 1, 4, 9]  # 1, 3 and 5 days later
    row = Autopay.objects.get()
    assert (row.stopped, row.tries, row.reason) == (Autopay.Stop.TRIED, 4, "insufficient_funds")
    assert mails("not_charged") == 4 and mails("attention") == 1


@pytest.mark.parametrize(("card", "stop"), [(EXPIRED, "card"), (ASKS_ALWAYS, "confirm")])
def test_a_hard_refusal_and_a_question_of_the_bank_stop_at_once(
    shop: Till, agreed: Invoice, card: str, stop: str
) -> None:
    day = announced(agreed)
    shop.stripe.set_card(shop.account, saved_card().stripe_id, card)
    for distance in range(12):
        run(day + timedelta(days=distance))
    assert Payment.objects.filter(way="saved").count() == 1 and Autopay.objects.get().stopped == stop
    [words] = Message.objects.filter(email="invoices.not_charged").values_list("words", flat=True)
    assert words["stopped"] == stop


def test_another_card_begins_the_ladder_anew(shop: Till, agreed: Invoice, maria: Client) -> None:
    day = announced(agreed)
    first = saved_card()
    shop.stripe.set_card(shop.account, first.stripe_id, EXPIRED)
    assert run(day) == 0
    shop.stripe.set_card(shop.account, first.stripe_id, "4242424242424242")  # were it tried, it would pay
    assert run(day + timedelta(days=1)) == 0
    second = methods.note(
        another_card(shop),
        customer_id=str(first.customer.stripe_id),
        words="Mine.",
        version="1",
        agreed_by=maria,
    )
    assert second is not None and run(day + timedelta(days=1)) == 1


def test_who_pays_with_another_card_after_that_has_it_charged_for_the_rest(
    shop: Till, agreed: Invoice, maria: Client
) -> None:
    day = announced(agreed)
    shop.stripe.set_card(shop.account, saved_card().stripe_id, EXPIRED)
    run(day)
    payment = operations.start_payment(fresh(agreed), choice="next", client=maria)
    shop.pay(payment, MASTERCARD)
    deliver(shop)
    assert SavedMethod.objects.get(is_default=True).label == "Mastercard ending in 4444"
    third = announced(agreed)
    assert run(third) == 1 and Mandate.objects.count() == 1
    assert len(LedgerEntry.objects.all()) == 3


def another_card(shop: Till) -> dict[str, Any]:
    """A method at Stripe, attached to the company's customer."""
    from tenants.gateway.client import stripe_client

    customer = str(StripeCustomer.objects.get().stripe_id)
    made = stripe_client().v1.payment_methods.attach(
        "pm_card_mastercard", {"customer": customer}, {"stripe_account": shop.account}
    )
    return made.to_dict(for_json=True)


def test_staff_try_again_by_hand_once_an_hour(shop: Till, agreed: Invoice, alice_staff: Staff) -> None:
    with pytest.raises(operations.WrongState):
        operations.retry_now(agreed, by=alice_staff)
    day = announced(agreed)
    card = saved_card().stripe_id
    shop.stripe.set_card(shop.account, card, NO_FUNDS)
    run(day)
    with on(day + timedelta(days=1)):
        assert operations.retry_now(agreed, by=alice_staff).state == "failed"
        with pytest.raises(operations.WrongState):
            operations.retry_now(agreed, by=alice_staff)
    shop.stripe.set_card(shop.account, card, "4242424242424242")
    with on(day + timedelta(days=2)):
        assert operations.retry_now(agreed, by=alice_staff).state == "succeeded"
    assert [entry.minor for entry in LedgerEntry.objects.order_by("pk")] == [25_00, 25_00]


def test_by_hand_a_card_that_was_refused_for_good_is_left_alone(
    shop: Till, agreed: Invoice, alice_staff: Staff
) -> None:
    day = announced(agreed)
    shop.stripe.set_card(shop.account, saved_card().stripe_id, EXPIRED)
    run(day)
    with on(day + timedelta(days=1)), pytest.raises(operations.WrongState):
        operations.retry_now(agreed, by=alice_staff)


def test_switched_off_nothing_is_charged_any_more(agreed: Invoice, maria: Client) -> None:
    day = announced(agreed)
    operations.end(agreed, by=maria)
    operations.end(agreed, by=maria)
    assert run(day) == 0 and LedgerEntry.objects.count() == 1
    ended = Mandate.objects.get()
    assert ended.ended_at and ended.ended_by_client == maria


def test_one_invoice_is_left_out_of_what_was_agreed_for_all(
    shop: Till, agreed: Invoice, maria: Client, alice_staff: Staff
) -> None:
    company = maria.companies.get()
    operations.agree_to_all(company, client=maria)
    other = issued(company, alice_staff, 40_00)
    assert queries.standing_of(other).is_on
    operations.end(other, by=maria)
    assert not queries.standing_of(other).is_on and queries.standing_of(agreed).is_on
    operations.agree(other, client=maria)
    assert queries.standing_of(other).is_on
    operations.end_for_all(company, by=maria)
    assert not queries.standing_of(other).is_on and queries.standing_of(agreed).is_on


def test_nobody_is_reminded_of_what_is_charged_by_itself(agreed: Invoice) -> None:
    day = announced(agreed)
    with on(day - timedelta(days=3)):
        assert operations.remind_due() == 0
    Autopay.objects.update(stopped="card", method=saved_card())
    with on(day):
        assert operations.remind_due() == 1


# --- what the agency wants --------------------------------------------------------------------------------


def test_off_is_not_offered_and_ends_what_was_agreed(agreed: Invoice, maria: Client, shop: Till) -> None:
    day = announced(agreed)
    operations.set_ways(agreed, autopay="off", plan_parts=None, plan_first_percent=None, by=None)
    assert run(day) == 0 and LedgerEntry.objects.count() == 1
    Mandate.objects.update(ended_at=clock.now())
    with pytest.raises(operations.WrongState):
        operations.agree(agreed, client=maria)


def test_required_comes_with_the_payment_and_only_staff_end_it(
    shop: Till, four_parts: Invoice, maria: Client, alice_staff: Staff
) -> None:
    operations.set_ways(four_parts, autopay="required", plan_parts=None, plan_first_percent=None, by=None)
    payment = operations.start_payment(fresh(four_parts), choice="next", client=maria)
    shop.pay(payment)
    deliver(shop)
    assert payment.save_method and "To end this I write to" in Mandate.objects.active().get().words
    with pytest.raises(operations.Required):
        operations.end(four_parts, by=maria)
    operations.end(four_parts, by=alice_staff)
    assert not Mandate.objects.active().exists()


def test_without_a_tick_no_card_is_kept(shop: Till, four_parts: Invoice, maria: Client) -> None:
    payment = operations.start_payment(four_parts, choice="next", client=maria)
    shop.pay(payment)
    deliver(shop)
    assert not payment.save_method and not SavedMethod.objects.exists() and not Mandate.objects.exists()


def test_for_one_client_it_may_differ_and_then_covers_all_of_its_invoices(
    shop: Till, maria: Client, alice_staff: Staff
) -> None:
    company = maria.companies.get()
    InvoiceSettings.objects.update(autopay=Policy.OFF)
    invoice = issued(company, alice_staff)
    assert not queries.standing_of(invoice).is_offered
    operations.set_terms(company, autopay="required", by=alice_staff)
    payment = operations.start_payment(invoice, choice="all", client=maria)
    shop.pay(payment)
    deliver(shop)
    assert Mandate.objects.active().get().invoice is None and fresh(invoice).state == State.PAID
    next_one = issued(company, alice_staff, 60_00)
    told = Message.objects.filter(email="invoices.issued").latest("created_at")
    assert told.words["is_automatic"] and told.words["invoice_id"] == next_one.pk
    due_on = next_one.due_on
    assert due_on is not None
    run(due_on - timedelta(days=3))
    assert run(due_on) == 1 and fresh(next_one).state == State.PAID


def test_who_may_not_pay_may_not_agree_or_end(
    agreed: Invoice, charlie: Client, tom: Client, maria: Client
) -> None:
    maria.memberships.update(rights=["view_money"])
    for stranger in (charlie, tom, maria):
        for act in (
            lambda who=stranger: operations.agree(agreed, client=who),
            lambda who=stranger: operations.end(agreed, by=who),
            lambda who=stranger: operations.agree_to_all(agreed.owner, client=who),
            lambda who=stranger: operations.end_for_all(agreed.owner, by=who),
        ):
            with pytest.raises(Refused):
                act()
    assert Mandate.objects.active().count() == 1


def test_a_card_that_automatic_payment_needs_cannot_be_removed(agreed: Invoice, maria: Client) -> None:
    card = saved_card()
    with pytest.raises(methods.ReliedOn) as refused:
        methods.remove(card)
    assert str(agreed.number) in refused.value.words
    operations.end(agreed, by=maria)
    methods.remove(card)
    assert not SavedMethod.objects.filter(removed_at=None).exists()

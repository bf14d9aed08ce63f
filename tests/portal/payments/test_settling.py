"""Rules 2, 4, 6, 8: whatever Stripe has is written once, in any order, under the payable's lock."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.payments import concerns, operations, settling
from portal.payments.models import Concern, EntryKind, LedgerEntry, Payment, PaymentState
from portal.payments.queries import balance_of
from portal.payments.settling import write
from portal.payments.truth import Dispute, Movement, Truth
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tests.portal.payments.orders import Looks
from tests.portal.payments.till import FAILED, bill, sums_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
CHARGE = Movement(EntryKind.CHARGE, "pi_1", 10_000, AT)
REFUND = Movement(EntryKind.REFUND, "re_1", -4_000, AT)
CAME_BACK = Movement(EntryKind.REFUND_FAILED, "re_1", 4_000, AT)
TAKEN = Movement(EntryKind.DISPUTE, "dp_1", -10_000, AT)
WON = Movement(EntryKind.DISPUTE_WON, "dp_1", 10_000, AT)
OPEN = Truth(PaymentState.OPEN, asked=(10_000, "eur"))
PROCESSING = Truth(PaymentState.PROCESSING, intent_id="pi_1", asked=(10_000, "eur"))
PAID = Truth(
    PaymentState.SUCCEEDED,
    intent_id="pi_1",
    asked=(10_000, "eur"),
    received=(10_000, "eur"),
    movements=(CHARGE,),
)
REFUNDED = replace(PAID, movements=(CHARGE, REFUND))
RETURNED = replace(PAID, movements=(CHARGE, REFUND, CAME_BACK))
DISPUTED = replace(
    PAID,
    movements=(CHARGE, REFUND, CAME_BACK, TAKEN),
    disputes=(Dispute("dp_1", 10_000, "needs_response", AT),),
)
DISPUTE_WON = replace(
    PAID, movements=(CHARGE, REFUND, CAME_BACK, TAKEN, WON), disputes=(Dispute("dp_1", 10_000, "won", None),)
)
LIFE = [OPEN, PROCESSING, PAID, REFUNDED, DISPUTED, DISPUTE_WON]
REFUSED = replace(PROCESSING, state=PaymentState.FAILED, reason="card_declined")
OTHER_LIFE = [REFUSED, replace(OPEN, state=PaymentState.EXPIRED), PROCESSING, PAID, REFUNDED, RETURNED]


def begun(word: str, client: Client, **more: Any) -> Payment:
    wanted = {"minor": 10_000, "currency": "EUR", "label": "Bill", "state": "open"} | more
    return Payment.objects.create(payable=word, client=client, **wanted)


@pytest.mark.parametrize("life", [LIFE, OTHER_LIFE], ids=["disputed", "failed first"])
def test_all_orders_of_six_looks_with_duplicates_end_in_the_same_state(
    northwind: CurrentAgency, maria: Client, life: list[Truth]
) -> None:
    """Late webhooks carry old looks: every order of six, the newest among them, each as often as it likes."""
    with time_machine.travel(AT, tick=False), inside(northwind):
        word = bill(maria)
        payment = begun(word, maria)
        looks = Looks(payment, life)
        orders = list(itertools.permutations(range(6)))
        ends = {looks.end_of((*order, again)) for order in orders for again in order}
        assert len(orders) == 720 and len(ends) == 1
        assert looks.ends_of_all_walks() == ends
        chance = random.Random(7)
        for order in chance.sample(orders, 6):
            doubled = [*order, *chance.choices(order, k=3)]
            assert {looks.written(doubled)} == ends, order
        for truth in life:
            write(payment, truth)
        kinds = [movement.kind for movement in life[-1].movements]
        assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == kinds
        assert sums_of(word).paid == sum(movement.amount for movement in life[-1].movements) == 10_000
        assert Payment.objects.get().state == PaymentState.SUCCEEDED
        # The dispute is over by itself; that the refund came back still needs somebody.
        assert [c.kind for c in concerns.waiting()] == [Concern.Kind.REFUND_FAILED]


def test_the_ledger_sums_to_zero_after_a_full_refund_and_after_a_lost_dispute(
    northwind: CurrentAgency, maria: Client
) -> None:
    with inside(northwind):
        word = bill(maria)
        write(
            begun(word, maria),
            replace(PAID, movements=(CHARGE, Movement(EntryKind.REFUND, "re_9", -10_000, AT))),
        )
        assert balance_of(word) == {"EUR": 0} and sums_of(word).paid == 0
        other = bill(maria)
        lost = replace(
            DISPUTED, intent_id="pi_2", movements=(replace(CHARGE, ref="pi_2"), replace(TAKEN, ref="dp_2"))
        )
        write(begun(other, maria), lost)
        assert balance_of(other) == {"EUR": 0}


def test_a_failed_refund_and_a_won_dispute_are_rows_of_their_own(
    northwind: CurrentAgency, maria: Client
) -> None:
    with inside(northwind):
        word = bill(maria)
        payment = begun(word, maria)
        for truth, paid in (
            (PAID, 10_000),
            (REFUNDED, 6_000),
            (RETURNED, 10_000),
            (DISPUTED, 0),
            (DISPUTE_WON, 10_000),
        ):
            write(payment, truth)
            assert sums_of(word).paid == paid
        assert LedgerEntry.objects.count() == 5
        # The dispute is over by itself; that the refund came back still needs somebody.
        assert [c.kind for c in concerns.waiting()] == [Concern.Kind.REFUND_FAILED]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PAID, received=(9_999, "eur"), movements=(replace(CHARGE, amount=9_999),)),
        replace(PAID, received=(10_000, "usd"), asked=(10_000, "usd")),
        replace(PAID, asked=(9_999, "eur")),
        replace(OPEN, asked=(1, "eur")),
    ],
)
def test_one_cent_or_another_currency_waits_for_a_human(
    northwind: CurrentAgency, maria: Client, wrong: Truth
) -> None:
    with inside(northwind):
        word = bill(maria)
        payment = write(begun(word, maria), wrong)
        assert payment.state == PaymentState.MISMATCH and not LedgerEntry.objects.exists()
        assert sums_of(word).paid == 0
        assert [c.kind for c in concerns.waiting()] == [Concern.Kind.MISMATCH]
        write(payment, wrong)
        assert Concern.objects.count() == 1


def test_staff_may_book_what_came(
    northwind: CurrentAgency, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.people.models import Staff

    short = replace(PAID, received=(9_999, "eur"), movements=(replace(CHARGE, amount=9_999),))
    monkeypatch.setattr("portal.payments.truth.fetch", lambda payment: short)
    with inside(northwind):
        word = bill(maria)
        payment = write(begun(word, maria), short)
        concerns.accept(payment, staff=Staff.objects.get())
        write(payment, short)
        assert sums_of(word).paid == 9_999 and concerns.waiting() == []


@pytest.mark.parametrize(
    ("currency", "minor", "amount"), [("JPY", 1500, 1500), ("KWD", 1230, 1230), ("ISK", 500, 50_000)]
)
def test_amounts_in_other_currencies_are_booked_in_our_units(
    northwind: CurrentAgency, maria: Client, currency: str, minor: int, amount: int
) -> None:
    told = (amount, currency.lower())
    with inside(northwind):
        word = bill(maria)
        truth = replace(PAID, asked=told, received=told, movements=(replace(CHARGE, amount=amount),))
        write(begun(word, maria, minor=minor, currency=currency), truth)
        assert balance_of(word) == {currency: minor}


def test_two_tabs_that_both_paid_are_booked_and_flagged(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        word = bill(maria)
        write(begun(word, maria), PAID)
        assert concerns.waiting() == []
        second = replace(PAID, intent_id="pi_2", movements=(replace(CHARGE, ref="pi_2"),))
        payment = write(begun(word, maria), second)
        [concern] = concerns.waiting()
        assert (concern.kind, concern.minor, sums_of(word).paid) == (Concern.Kind.OVERPAID, 10_000, 20_000)
        back = replace(second, movements=(*second.movements, Movement(EntryKind.REFUND, "re_2", -10_000, AT)))
        write(payment, back)
        assert concerns.waiting() == [] and sums_of(word).paid == 10_000


def test_a_delayed_method_is_processing_until_the_later_event(
    northwind: CurrentAgency, maria: Client
) -> None:
    with inside(northwind):
        word = bill(maria)
        payment = write(begun(word, maria), PROCESSING)
        assert (payment.state, sums_of(word).paid) == (PaymentState.PROCESSING, 0)
        assert (
            write(payment, replace(PROCESSING, state=PaymentState.FAILED, reason="insufficient_funds")).state
            == "failed"
        )
        assert FAILED == ["insufficient_funds"]
        write(payment, replace(PROCESSING, state=PaymentState.FAILED, reason="insufficient_funds"))
        assert FAILED == ["insufficient_funds"], "told once"


def test_an_old_look_never_takes_a_payment_back(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        payment = begun(bill(maria), maria)
        for state in ("open", "processing", "expired", "failed", "canceled"):
            write(payment, PAID)
            assert write(payment, Truth(state, asked=(10_000, "eur"))).state == PaymentState.SUCCEEDED


def test_the_ledger_refuses_to_be_changed_deleted_or_emptied(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        write(begun(bill(maria), maria), PAID)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")  # else nothing can be emptied anyhow
        for change in (
            lambda: LedgerEntry.objects.update(minor=1),
            lambda: LedgerEntry.objects.all().delete(),
            # With what points to it, or Postgres refuses for that reason.
            lambda: connection.cursor().execute("TRUNCATE payments_ledgerentry CASCADE"),
        ):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                change()
        assert LedgerEntry.objects.get().minor == 10_000


def test_a_movement_is_booked_once_whoever_tries(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        word = bill(maria)
        write(begun(word, maria), PAID)
        row = LedgerEntry.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(
                kind=row.kind, ref=row.ref, payable=word, minor=1, currency="EUR", happened_at=AT
            )


def test_a_transfer_is_booked_once_and_only_hand_kinds_may_be_booked_by_hand(
    northwind: CurrentAgency, maria: Client
) -> None:
    from portal.payments.booking import NotByHand

    with inside(northwind):
        word = bill(maria)
        for _ in range(2):
            operations.book_transfer(
                payable=word,
                minor=2_500,
                currency="EUR",
                client=maria,
                staff=None,
                happened_at=AT,
                ref="form-1",
            )
        assert balance_of(word) == {"EUR": 2_500} and sums_of(word).paid == 2_500
        with pytest.raises(NotByHand):
            operations.book(EntryKind.CHARGE, payable=word, minor=1, currency="EUR")


def test_settling_asks_stripe_before_it_locks_anything(
    northwind: CurrentAgency, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network inside a transaction."""
    depth = []

    def fetch(payment: Payment) -> Truth:
        depth.append(len(connection.savepoint_ids))
        return PAID

    monkeypatch.setattr(settling, "fetch", fetch)
    with inside(northwind):
        payment = begun(bill(maria), maria)
        outside = len(connection.savepoint_ids)
        settling.settle(payment.uid)
        assert depth == [outside]

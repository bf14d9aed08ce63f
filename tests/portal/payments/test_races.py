"""Rule 4: many at once, in real transactions. Without the payable's lock, sums are made of half of it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from portal.payments import operations, refunding
from portal.payments.models import EntryKind, Payment, PaymentState, Refund
from portal.payments.queries import balance_of
from portal.payments.settling import write
from portal.payments.truth import Movement, Truth
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.at_once import outcomes
from tests.portal.payments.till import Bills, bill, sums_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
ROUNDS, AT_ONCE = 2, 6
# Between reading and writing: whoever does not wait for the lock has read too early for certain.
PAUSE_SECONDS = 0.05


def slowly(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same, after a pause."""

    def paused(*words: Any) -> Any:
        time.sleep(PAUSE_SECONDS)
        return call(*words)

    return paused


@pytest.fixture(autouse=True)
def _slow_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bills, "recompute", slowly(Bills.recompute))
    refundable = refunding.refundable

    def looked_at(payment: Payment) -> int:
        left = refundable(payment)
        time.sleep(PAUSE_SECONDS)
        return left

    monkeypatch.setattr(refunding, "refundable", looked_at)


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        yield current


def paid(payment: Payment, ref: str) -> Callable[[], Payment]:
    told = (payment.minor, "eur")
    moved = (Movement(EntryKind.CHARGE, ref, payment.minor, AT),)
    return lambda: write(payment, Truth(PaymentState.SUCCEEDED, ref, told, told, moved))


def test_payments_at_once_lose_no_sum(agency: CurrentAgency) -> None:
    maria = Client.objects.get(email="maria@client.example")
    for turn in range(ROUNDS):
        word = bill(maria)
        payments = [
            Payment.objects.create(payable=word, client=maria, minor=100, currency="EUR", label="Bill")
            for _ in range(AT_ONCE)
        ]
        works = [paid(payment, f"pi_{turn}_{n}") for n, payment in enumerate(payments)]
        # Each once: who comes again would put the sum right.
        assert _raised(*works, agency=agency) == []
        assert sums_of(word).paid == 100 * AT_ONCE and balance_of(word) == {"EUR": 100 * AT_ONCE}


def test_transfers_at_once_lose_no_sum(agency: CurrentAgency) -> None:
    maria = Client.objects.get(email="maria@client.example")
    for turn in range(ROUNDS):
        word = bill(maria)

        def book(n: int, word: str = word, turn: int = turn) -> object:
            return operations.book_transfer(
                payable=word, minor=100, currency="EUR", client=maria, staff=None, happened_at=AT,
                ref=f"{turn}-{n}",
            )  # fmt: skip

        assert _raised(*[partial(book, n) for n in range(AT_ONCE)], agency=agency) == []
        assert sums_of(word).paid == 100 * AT_ONCE


def test_two_refunds_at_once_do_not_give_back_more_than_there_is(agency: CurrentAgency) -> None:
    maria = Client.objects.get(email="maria@client.example")
    for turn in range(ROUNDS):
        word = bill(maria)
        begun = Payment.objects.create(payable=word, client=maria, minor=10_000, currency="EUR", label="Bill")
        payment = paid(begun, f"pi_r{turn}")()

        def give_back(payment: Payment = payment) -> object:
            return refunding._commit(payment, 6_000, "", None)

        raised = _raised(*[give_back] * 4, agency=agency)
        assert [type(one) for one in raised] == [refunding.TooMuch] * 3
        assert Refund.objects.filter(payment=payment).count() == 1


def _raised(*works: Callable[[], object], agency: CurrentAgency) -> list[object]:
    return [one for one in outcomes(*works, agency=agency) if isinstance(one, BaseException)]

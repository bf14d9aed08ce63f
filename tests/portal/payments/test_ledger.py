"""The ledger is the sum of what moved, whatever the order, and nothing when everything went back."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from infra.stripe_simulator.running import DISPUTED
from portal.payments import operations
from portal.payments.models import EntryKind, LedgerEntry, Payment
from portal.payments.queries import balance_of
from portal.payments.settling import write
from portal.payments.truth import Movement, Truth
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser
from tests.portal.payments.conftest import Till
from tests.portal.payments.till import bill, sums_of

AT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class Life:
    """One payment at Stripe, look after look."""

    payment: Payment
    looks: list[Truth]

    @property
    def net(self) -> int:
        return sum(movement.amount for movement in self.looks[-1].movements)


def a_life(chance: random.Random, word: str, client: Client, name: str) -> Life:
    """A charge, then refunds, refunds that come back, a dispute lost or won."""
    minor = chance.randint(1, 90_000)
    payment = Payment.objects.create(payable=word, client=client, minor=minor, currency="EUR", label=name)
    told = (minor, "eur")
    moved = [Movement(EntryKind.CHARGE, f"pi_{name}", minor, AT)]
    looks = [
        Truth("processing", f"pi_{name}", told),
        Truth("succeeded", f"pi_{name}", told, told, tuple(moved)),
    ]
    left = minor
    for turn in range(chance.randint(0, 3)):
        back = chance.randint(0, left)
        if back:
            moved.append(Movement(EntryKind.REFUND, f"re_{name}_{turn}", -back, AT))
            looks.append(replace(looks[-1], movements=tuple(moved)))
            left -= back
        if back and chance.random() < 0.3:
            moved.append(Movement(EntryKind.REFUND_FAILED, f"re_{name}_{turn}", back, AT))
            looks.append(replace(looks[-1], movements=tuple(moved)))
            left += back
    if left and chance.random() < 0.5:
        moved.append(Movement(EntryKind.DISPUTE, f"dp_{name}", -left, AT))
        looks.append(replace(looks[-1], movements=tuple(moved)))
        if chance.random() < 0.5:
            moved.append(Movement(EntryKind.DISPUTE_WON, f"dp_{name}", left, AT))
            looks.append(replace(looks[-1], movements=tuple(moved)))
    return Life(payment, looks)


@pytest.mark.parametrize("seed", range(12))
def test_any_lives_in_any_order_come_to_what_stripe_has(
    northwind: CurrentAgency, maria: Client, seed: int
) -> None:
    chance = random.Random(seed)
    with inside(northwind), transaction.atomic():
        word = bill(maria)
        lives = [a_life(chance, word, maria, f"{seed}_{n}") for n in range(3)]
        written = [(life.payment, look) for life in lives for look in life.looks]
        again = chance.choices(written, k=6)
        for payment, look in chance.sample([*written, *again], len(written) + 6):
            write(payment, look)
        by_hand = chance.randint(1, 500)
        operations.book_transfer(
            payable=word, minor=by_hand, currency="EUR", client=maria, staff=None, happened_at=AT
        )
        net = sum(life.net for life in lives) + by_hand
        assert balance_of(word).get("EUR", 0) == net == sums_of(word).paid
        for life in lives:
            assert sum(life.payment.entries.values_list("minor", flat=True)) == life.net
        # And all of it goes back.
        for life in lives:
            rest = Movement(EntryKind.REFUND, f"re_{life.payment.uid}", -life.net, AT)
            last = life.looks[-1]
            write(life.payment, replace(last, movements=(*last.movements, *([rest] if life.net else []))))
        operations.book_transfer(
            payable=word, minor=-by_hand, currency="EUR", client=maria, staff=None, happened_at=AT
        )
        assert balance_of(word) == {"EUR": 0} and sums_of(word).paid == 0


@pytest.mark.parametrize(
    ("currency", "minor", "typed", "part", "sent"),
    [
        ("JPY", 1_500, "500", 500, 500),
        ("KWD", 12_340, "2.340", 2_340, 2_340),
        ("ISK", 5_000, "1 200", 1_200, 120_000),
        ("UGX", 70_000, "70,000", 70_000, 7_000_000),
        ("EUR", 10_000, "0,01", 1, 1),
    ],
)
def test_yen_dinars_and_kronur_go_all_the_way_there_and_back(
    till: Till, maria: Client, alice: Account, currency: str, minor: int, typed: str, part: int, sent: int
) -> None:
    payment = till.begun(maria, minor, minor=minor, currency=currency)
    till.pay(payment)
    till.deliver()
    console, path = console_browser(alice), f"/northwind/payments/{payment.uid}/"
    assert console.post(path, {"amount": typed, "reason": "late"}).status_code == 302
    assert till.stripe.requests("/v1/refunds")[-2]["params"]["amount"] in (sent, str(sent))
    till.deliver(till.events()[::-1])
    with inside(till.agency):
        assert balance_of(payment.payable) == {currency: minor - part}
        if part < minor:
            fresh = Payment.objects.get(pk=payment.pk)
            operations.refund(payment=fresh, minor=minor - part, reason="", staff=None)
        assert balance_of(payment.payable) == {currency: 0} and sums_of(payment.payable).paid == 0


def test_the_whole_ledger_is_what_the_account_took_in(till: Till, maria: Client) -> None:
    """Side by side with Stripe's own intents, refunds and disputes: the books close."""
    first, second, third = (till.begun(maria) for _ in range(3))
    till.pay(first)
    till.pay(second)
    till.pay(third, DISPUTED)
    till.deliver()
    with inside(till.agency):
        second.refresh_from_db()
        operations.refund(payment=second, minor=2_500, reason="", staff=None)
    till.deliver(till.events()[::-1])
    with inside(till.agency):
        total = sum(LedgerEntry.objects.values_list("minor", flat=True))
    assert total == taken_in(till) == 17_500


def taken_in(till: Till) -> int:
    from tenants.gateway.client import stripe_client

    client, options = stripe_client(), {"stripe_account": till.account}
    wanted: Any = {"limit": 100}
    intents = client.v1.payment_intents.list(wanted, options).data  # type: ignore[arg-type]
    refunds = client.v1.refunds.list(wanted, options).data  # type: ignore[arg-type]
    disputes = client.v1.disputes.list(wanted, options).data  # type: ignore[arg-type]
    charged = sum(one.amount_received or 0 for one in intents)
    return charged - sum(one.amount for one in refunds) - sum(one.amount for one in disputes)

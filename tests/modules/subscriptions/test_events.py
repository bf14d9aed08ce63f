"""Whatever order the events come in, however often, whoever sends them: the row ends as Stripe has it."""

import itertools
import random
from typing import Any

from modules.subscriptions import operations
from modules.subscriptions.models import Bill, Offer, Subscription
from modules.subscriptions.operations import mirroring
from portal.audit.models import AuditEntry
from portal.entitlements.models import Entitlement
from portal.entitlements.queries import grants_of, may_use
from portal.mail.models import Message
from portal.payments.queries import balance_of
from portal.people.models import Client
from tenants.agencies.current import inside
from tests.modules.subscriptions.scene import COURSE, Till, make_offer

ABOUT = ("customer.subscription.", "invoice.paid", "checkout.session.")


def state_of(bought: Subscription) -> Any:
    row = Subscription.objects.filter(pk=bought.pk).values().get()
    row.pop("version")
    bills = list(Bill.objects.order_by("stripe_id").values_list("stripe_id", "state", "paid_minor"))
    mails = sorted(Message.objects.values_list("email", flat=True))
    open_now = Entitlement.objects.usable().count()
    verbs = sorted(AuditEntry.objects.filter(verb="subscriptions.started").values_list("verb", flat=True))
    return row, bills, mails, open_now, verbs, balance_of(bought.source)


def test_all_orders_of_six_events_with_duplicates_end_the_same(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.choose(care, tom)
        known = Subscription.objects.filter(pk=bought.pk).values().get()
    till.simulator.advance(days=32)
    told = [event for event in till.events() if event["type"].startswith(ABOUT)][:6]
    assert len(told) == 6
    ends: list[Any] = []
    orders = list(itertools.permutations(told))
    for order in random.Random(4).sample(orders, 40):
        with inside(till.agency):
            forget(bought, known)
        till.hear([dict(event, id=f"{event['id']}_{len(ends)}") for event in (*order, order[0], order[3])])
        with inside(till.agency):
            ends.append(state_of(bought))
    assert all(end == ends[0] for end in ends)
    row, bills, mails, usable, _, balance = ends[0]
    assert row["state"] == "active" and balance == {"EUR": 2 * 4900} and usable == 1
    assert mails == ["subscriptions.new", "subscriptions.paid", "subscriptions.started"]
    assert [state for _, state, _ in bills] == ["paid", "paid"]


def forget(bought: Subscription, known: dict[str, Any]) -> None:
    """As it was before any event; the ledger stays, it takes nothing twice."""
    Subscription.objects.filter(pk=bought.pk).update(**known)
    for model in (Bill, Message, Entitlement):
        model.objects.all().delete()
    from django.db import connection

    with connection.cursor() as cursor:  # append-only by trigger; only a test may forget
        cursor.execute("SET session_replication_role = replica; DELETE FROM audit_auditentry;")
        cursor.execute("SET session_replication_role = DEFAULT")


def test_the_same_event_three_times_tells_once(till: Till, care: Offer, tom: Client) -> None:
    with inside(till.agency):
        bought = till.choose(care, tom)
    events = till.events()
    till.hear([dict(event, id=f"{event['id']}_{n}") for n in range(3) for event in events])
    with inside(till.agency):
        assert Message.objects.filter(email="subscriptions.started").count() == 1
        assert grants_of(tom, COURSE) == 1 and balance_of(bought.source) == {"EUR": 4900}


def test_an_older_answer_never_covers_a_newer_one(
    till: Till, care: Offer, tom: Client, monkeypatch: Any
) -> None:
    """Two workers look at once: the slow one has an answer from before the cancellation."""
    with inside(till.agency):
        bought = till.buy(care, tom)
        stripe_id, real = str(bought.stripe_id), mirroring.fetch
        slow: list[Any] = []

        def fetch(asked: str) -> Any:
            look = real(asked)
            if not slow:
                slow.append(look)
                operations.cancel(Subscription.objects.get(), by=tom)  # the fast one, meanwhile
            return look

        monkeypatch.setattr(mirroring, "fetch", fetch)
        operations.mirror(stripe_id)
        bought.refresh_from_db()
        assert bought.is_ending


def test_a_foreign_agencys_event_and_subscription_are_nothing_to_us(
    till: Till, other_till: Till, care: Offer, tom: Client, ines: Client
) -> None:
    with inside(till.agency):
        bought = till.buy(care, tom)
        uid = str(bought.uid)
    with inside(other_till.agency):
        # Harbour knows the id, and says in its own metadata that it is Northwind's row.
        assert operations.mirror(str(bought.stripe_id)) is None
        theirs = other_till.buy(make_offer(), ines)
        assert not Subscription.objects.filter(uid=uid).exists()
    forged = [dict(event, account=other_till.account) for event in till.events()]
    other_till.hear([dict(event, id=f"{event['id']}_forged") for event in forged])
    with inside(other_till.agency):
        assert Subscription.objects.get() == theirs
    with inside(till.agency):
        assert operations.mirror(str(theirs.stripe_id)) is None
        assert Subscription.objects.get().state == "active"


def test_the_metadata_alone_gives_nobody_a_subscription(
    till: Till, care: Offer, tom: Client, charlie: Client
) -> None:
    """A subscription of another customer that carries our row's uid is not that row's."""
    from portal.payments.methods import customer_of
    from portal.payments.stripe_account import stripe_of_agency

    with inside(till.agency):
        bought = operations.begin(care, client=tom, company=None)
        operations.open_checkout(bought)
        bought.refresh_from_db()
        client, options = stripe_of_agency()
        forged = client.v1.subscriptions.create(
            {
                "customer": str(customer_of(charlie).stripe_id),
                "items": [{"price": bought.price_id}],
                "metadata": {mirroring.NAME: str(bought.uid)},
                "trial_period_days": 300,
            },
            options,
        )
        assert operations.mirror(forged.id) is None
        bought.refresh_from_db()
        assert bought.started_at is None and not may_use(tom, COURSE)


def test_paid_past_stripe_is_booked_as_such(till: Till, care: Offer, tom: Client, monkeypatch: Any) -> None:
    """An invoice that staff marked as paid in Stripe's own pages has no payment."""
    real = mirroring.fetch

    def fetch(asked: str) -> Any:
        look = real(asked)
        for bill in look.bills if look else []:
            dict.update(bill, payments={"data": []})
        return look

    monkeypatch.setattr(mirroring, "fetch", fetch)
    with inside(till.agency):
        bought = till.buy(care, tom)
        operations.mirror(str(bought.stripe_id))
        assert bought.bills.get().is_out_of_band
        assert balance_of(bought.source) == {"EUR": 4900}


def test_a_price_that_was_changed_at_stripe_shows(till: Till, care: Offer, tom: Client) -> None:
    from portal.payments.stripe_account import stripe_of_agency

    with inside(till.agency):
        bought = till.buy(care, tom)
        client, options = stripe_of_agency()
        product = care.catalog.get().product_id
        price = client.v1.prices.create(
            {"product": product, "currency": "eur", "unit_amount": 5500, "recurring": {"interval": "month"}},
            options,
        )
        items: Any = {"items": [{"id": bought.item_id, "price": price.id}], "proration_behavior": "none"}
        client.v1.subscriptions.update(str(bought.stripe_id), items, options)
    till.hear()
    with inside(till.agency):
        bought.refresh_from_db()
        assert (bought.minor, bought.offer, bought.grants) == (5500, care, [COURSE])

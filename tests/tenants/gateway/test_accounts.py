"""Rule 9: an account's state is looked at when Stripe hints, when somebody comes back, and daily."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infra.stripe_simulator.running import Simulator
from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.gateway import accounts, jobs
from tenants.gateway.models import ConnectAccount, EventState, InboxEvent
from tenants.jobs.jobs import PUBLIC, schedule
from tests.infra.stripe_simulator.conftest import Mailbox
from tests.running_jobs import run_jobs
from tests.tenants.gateway.events import CONNECT, PLATFORM, send

THIN = "v2.core.account[configuration.merchant].capability_status_updated"
Raw = tuple[bytes, str]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def stripe(simulator: Simulator, settings: Any) -> Iterator[Simulator]:
    for name, value in simulator.settings().items():
        setattr(settings, name, value)
    yield simulator
    simulator.clear_faults()


@pytest.fixture
def mailbox(stripe: Simulator) -> Iterator[Mailbox]:
    """What the simulator sends, byte for byte."""
    taker = Mailbox()
    threading.Thread(target=taker.serve_forever, daemon=True).start()
    stripe.deliver_to(platform=f"{taker.address}/platform", connect=f"{taker.address}/connect")
    yield taker
    stripe.deliver_to()
    taker.shutdown()
    taker.server_close()


@pytest.fixture
def fresh(stripe: Simulator, northwind: CurrentAgency) -> ConnectAccount:
    """Northwind's account, made and not set up yet."""
    return accounts.begin(northwind, email="alice@northwind.example", country="DE", currency="EUR")


def thin_of(stripe: Simulator, mailbox: Mailbox, account: ConnectAccount) -> list[Raw]:
    """The thin events that came about an account, and nothing else."""
    assert stripe.quiet()
    words = (b"v2.core.event", str(account.stripe_account_id).encode())
    return [(body, signed) for body, signed in mailbox.raw if all(word in body for word in words)]


def deliver(raw: list[Raw]) -> None:
    for body, signed in raw:
        assert send(body, path=CONNECT, header=signed).status_code == 200
    run_jobs()


def test_thin_events_alone_say_when_an_agency_can_be_paid_and_when_no_more(
    stripe: Simulator, mailbox: Mailbox, fresh: ConnectAccount
) -> None:
    assert not fresh.charges_enabled
    stripe.onboard(str(fresh.stripe_account_id))
    raw = thin_of(stripe, mailbox, fresh)
    assert {json.loads(body)["type"] for body, _ in raw} >= {THIN}
    fresh.refresh_from_db()
    assert not fresh.charges_enabled, "nobody has told us yet"
    deliver(raw)
    fresh.refresh_from_db()
    assert fresh.charges_enabled and fresh.can_charge
    mailbox.raw.clear()
    stripe.onboard(str(fresh.stripe_account_id), "restricted")
    deliver(thin_of(stripe, mailbox, fresh))
    fresh.refresh_from_db()
    assert not fresh.charges_enabled
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {EventState.DONE}


def test_what_a_thin_event_says_beyond_its_name_is_not_believed(
    stripe: Simulator, mailbox: Mailbox, fresh: ConnectAccount
) -> None:
    active = {"configuration": {"merchant": {"capabilities": {"card_payments": {"status": "active"}}}}}
    lie = thin(fresh.stripe_account_id) | {"data": active, "changes": {"after": active}}
    assert send(lie, secret=stripe.settings()["STRIPE_CONNECT_WEBHOOK_SECRETS"][0]).status_code == 200
    run_jobs()
    fresh.refresh_from_db()
    assert not fresh.charges_enabled and InboxEvent.objects.get().state == EventState.DONE


@pytest.mark.parametrize("context", ["of the account", "a path", "none", "none, at our own endpoint"])
def test_a_thin_event_finds_its_account_wherever_stripe_names_it(
    stripe: Simulator, fresh: ConnectAccount, context: str
) -> None:
    account = str(fresh.stripe_account_id)
    stripe.onboard(account)
    words = {"of the account": account, "a path": f"{stripe.PLATFORM}/{account}"}
    is_ours = context == "none, at our own endpoint"
    name = "STRIPE_WEBHOOK_SECRETS" if is_ours else "STRIPE_CONNECT_WEBHOOK_SECRETS"
    event = thin(account) | {"context": words.get(context)}
    path = PLATFORM if is_ours else CONNECT
    assert send(event, path=path, secret=stripe.settings()[name][0]).status_code == 200
    run_jobs()
    fresh.refresh_from_db()
    assert fresh.charges_enabled and InboxEvent.objects.get().state == EventState.DONE


def test_a_thin_event_of_an_unknown_account_waits_and_of_the_other_mode_is_ignored(
    stripe: Simulator, fresh: ConnectAccount
) -> None:
    stripe.onboard(str(fresh.stripe_account_id))
    secret = stripe.settings()["STRIPE_CONNECT_WEBHOOK_SECRETS"][0]
    send(thin("acct_of_nobody"), secret=secret)
    send(thin(fresh.stripe_account_id) | {"livemode": True}, secret=secret)
    run_jobs()
    states = dict(InboxEvent.objects.values_list("account", "state"))
    assert states == {"acct_of_nobody": EventState.PARKED, fresh.stripe_account_id: EventState.IGNORED}
    fresh.refresh_from_db()
    assert not fresh.charges_enabled


def test_the_event_of_the_older_api_is_a_hint_as_well(stripe: Simulator, fresh: ConnectAccount) -> None:
    account = str(fresh.stripe_account_id)
    stripe.onboard(account)
    event = {"id": "evt_old", "object": "event", "type": "account.updated", "created": 1_767_225_600}
    event |= {
        "livemode": False,
        "account": account,
        "data": {"object": {"id": account, "charges_enabled": False}},
    }
    send(event, secret=stripe.settings()["STRIPE_CONNECT_WEBHOOK_SECRETS"][0])
    run_jobs()
    fresh.refresh_from_db()
    assert fresh.charges_enabled


def test_every_account_is_looked_at_daily_and_one_that_cannot_be_read_stops_nobody(
    stripe: Simulator, fresh: ConnectAccount, harbour: CurrentAgency
) -> None:
    slot = schedule["gateway.refresh_accounts"]
    assert (slot.every_seconds, slot.audience) == (86_400, PUBLIC)
    ConnectAccount.objects.create(
        agency_id=harbour.id, stripe_account_id="acct_nowhere", country="DE", currency="EUR"
    )
    ConnectAccount.objects.filter(pk=fresh.pk).update(id=10_000_000)  # after the one that fails
    stripe.onboard(str(fresh.stripe_account_id))
    jobs.refresh_accounts()
    assert ConnectAccount.objects.get(stripe_account_id=fresh.stripe_account_id).charges_enabled


def test_a_look_does_not_take_back_what_happened_while_stripe_was_asked(
    stripe: Simulator, fresh: ConnectAccount
) -> None:
    stripe.onboard(str(fresh.stripe_account_id))
    ConnectAccount.objects.update(deauthorized_at=clock.now(), hosts=["portal.test"], drift=3)
    accounts.refresh(fresh)
    now = ConnectAccount.objects.get()
    assert now.deauthorized_at and not now.can_charge and (now.hosts, now.drift) == (["portal.test"], 3)


def test_an_account_is_made_once_however_often_it_is_tried(
    stripe: Simulator, northwind: CurrentAgency, fresh: ConnectAccount
) -> None:
    again = accounts.begin(northwind, email="x@northwind.example", country="FR", currency="EUR")
    assert again.stripe_account_id == fresh.stripe_account_id
    made = [one for one in stripe.requests("/v2/core/accounts") if one["verb"] == "POST"]
    assert [one["idempotency_key"] for one in made if one["idempotency_key"] == f"account:{fresh.uid}"] == [
        f"account:{fresh.uid}"
    ]


def test_an_account_belongs_to_one_agency(fresh: ConnectAccount, harbour: CurrentAgency) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ConnectAccount.objects.create(
            agency_id=harbour.id, stripe_account_id=fresh.stripe_account_id, country="DE", currency="EUR"
        )


def thin(account: str | None) -> dict[str, Any]:
    """A notification as the simulator sends it."""
    return {
        "id": f"evt_thin_{account}",
        "object": "v2.core.event",
        "type": THIN,
        "livemode": False,
        "created": "2026-11-01T10:00:00.000Z",
        "context": account,
        "related_object": {
            "id": account,
            "type": "v2.core.account",
            "url": f"/v2/core/accounts/{account}",
        },
    }

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.embedded.processes import free_port
from infra.stripe_simulator.running import Simulator
from portal.payments import operations
from portal.payments.models import Payment
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.gateway.client import stripe_client
from tenants.gateway.models import ConnectAccount
from tests.portal.payments.live import served
from tests.portal.payments.till import FAILED, bill
from tests.running_jobs import run_jobs
from tests.tenants.gateway.events import send

SECRET = "whsec_simulator_connect"


@dataclass
class Till:
    """Northwind with its account at the simulator."""

    stripe: Simulator
    agency: CurrentAgency
    account: str

    def begun(self, client: Client, due: int = 10_000, word: str = "", **more: Any) -> Payment:
        """A checkout that the client has open."""
        wanted: dict[str, Any] = {"minor": due, "currency": "EUR", "label": "Bill", "return_path": "/"} | more
        with inside(self.agency):
            return operations.start_checkout(payable=word or bill(client, due), client=client, **wanted)

    def pay(self, payment: Payment, card: str = "4242424242424242", **more: Any) -> str:
        """Type a card into the session's page."""
        return self.stripe.pay(self.account, str(payment.session_id), card, **more)

    def events(self) -> list[dict[str, Any]]:
        """All events of the account, the oldest first, as its webhooks carry them."""
        listed = stripe_client().v1.events.list({"limit": 100}, {"stripe_account": self.account})
        found = [one.to_dict(for_json=True) | {"account": self.account} for one in listed.auto_paging_iter()]
        return found[::-1]

    def deliver(self, events: list[dict[str, Any]] | None = None) -> None:
        """Bring them as webhooks and work on them."""
        for event in self.events() if events is None else events:
            assert send(json.dumps(event).encode(), secret=SECRET).status_code == 200
        run_jobs()


@pytest.fixture(autouse=True)
def _nothing_has_failed_yet() -> None:
    """The bills' list of refusals lives as long as the process: each test begins with an empty one."""
    FAILED.clear()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def stripe_settings(simulator: Simulator, settings: Any) -> Iterator[Simulator]:
    for name, value in simulator.settings().items():
        setattr(settings, name, value)
    yield simulator
    simulator.clear_faults()


@pytest.fixture
def till(stripe_settings: Simulator, northwind: CurrentAgency) -> Till:
    """Northwind can take cards."""
    account = stripe_settings.account()
    ConnectAccount.objects.create(
        agency_id=northwind.id, stripe_account_id=account, country="DE", currency="EUR", charges_enabled=True
    )
    return Till(stripe_settings, northwind, account)


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client gives up at the first failure, as it does for good after the third."""
    from tenants.gateway import client

    monkeypatch.setattr(client, "RETRIES", 0)
    client._client.cache_clear()
    yield
    client._client.cache_clear()


@pytest.fixture
def live(committed_db: None, settings: Any, stripe_settings: Simulator) -> Iterator[Till]:
    """Northwind's portal on a port, told of by the simulator's webhooks."""
    port = free_port()
    settings.PORTICO_PORT_SUFFIX = f":{port}"
    northwind = Agency.objects.get(slug="northwind").current()
    with served(port):
        stripe_settings.deliver_to(connect=f"http://localhost:{port}/stripe/webhooks/connect/")
        account = stripe_settings.account()
        ConnectAccount.objects.create(
            agency_id=northwind.id,
            stripe_account_id=account,
            country="DE",
            currency="EUR",
            charges_enabled=True,
        )
        yield Till(stripe_settings, northwind, account)
        stripe_settings.quiet()
        stripe_settings.deliver_to()

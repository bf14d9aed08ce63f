"""One simulator for all tests here, the real client, and webhooks brought as Stripe brings them."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from infra.stripe_simulator.running import Simulator
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription, Checkout
from tenants.gateway import inbox
from tenants.gateway.client import stripe_client
from tests.cast import console_browser
from tests.running_jobs import run_jobs
from tests.tenants.operators.conftest import otto, otto_browser  # noqa: F401  # fixtures

# Stripe's test cards: paid, declined, saved and declined later.
PAID, DECLINED, FAILS_LATER = "4242424242424242", "4000000000000002", "4000000000000341"


class Simulators:
    """One for many tests, and a fresh one after a test that let time go on at Stripe."""

    def __init__(self) -> None:
        self.running: Simulator | None = None

    def of_today(self) -> Simulator:
        if self.running and self.running.state()["now"] - time.time() > 600:
            self.close()
        if self.running is None:
            self.running = Simulator().__enter__()
        return self.running

    def close(self) -> None:
        if self.running:
            self.running.__exit__(None, None, None)
            self.running = None


@pytest.fixture(scope="session")
def simulators() -> Iterator[Simulators]:
    found = Simulators()
    yield found
    found.close()


@pytest.fixture
def stripe(simulators: Simulators, settings: Any) -> Simulator:
    """The simulator, with our settings pointing at it."""
    simulator = simulators.of_today()
    for name, value in simulator.settings().items():
        setattr(settings, name, value)
    simulator.clear_faults()
    return simulator


class Desk:
    """Alice, who owns Northwind, its page "Plan and billing", and what Stripe tells us of it."""

    def __init__(self, stripe: Simulator, agency: CurrentAgency, browser: Browser) -> None:
        self.stripe, self.agency, self.browser = stripe, agency, browser
        self.told: set[str] = set()

    def post(self, button: str, **answers: object) -> Any:
        return self.browser.post(f"/{self.agency.slug}/plan/{button}/", answers)

    def page(self, path: str = "") -> str:
        """What a page says, messages of the button before it included."""
        return self.browser.get(f"/{self.agency.slug}/plan/{path}", follow=True).content.decode()

    def buy(self, plan: int = 2, interval: str = "month", card: str = PAID) -> None:
        """Through the hosted Checkout; nobody has told us yet."""
        answer = self.post("checkout", plan=plan, interval=interval)
        assert answer.status_code == 302 and answer["Location"].startswith(self.stripe.pages), answer
        attempt = Checkout.objects.filter(agency_id=self.agency.id).latest("pk")
        assert attempt.session_id
        self.stripe.pay(self.stripe.PLATFORM, attempt.session_id, card)

    def events(self) -> list[dict[str, Any]]:
        """What Stripe has to tell of our agency's customer and has not told, oldest first."""
        customer = self.row.stripe_customer_id
        found = [json.loads(str(event)) for event in stripe_client().v1.events.list({"limit": 100}).data]
        new = [
            event
            for event in reversed(found)
            if event["id"] not in self.told and event["data"]["object"].get("customer") == customer
        ]
        self.told |= {event["id"] for event in new}
        return new

    def hear(self, events: list[dict[str, Any]] | None = None) -> None:
        """The webhooks come in and are worked on."""
        for event in self.events() if events is None else events:
            inbox.store(event, "platform")
        run_jobs()

    def pay_later(self, card: str, days: float) -> None:
        """The saved card becomes another one, and time goes on at Stripe."""
        client = stripe_client()
        for method in client.v1.customers.payment_methods.list(str(self.row.stripe_customer_id)).data:
            self.stripe.set_card(self.stripe.PLATFORM, method["id"], card)
        if days:
            self.stripe.advance(days=days)

    @property
    def row(self) -> AgencySubscription:
        found, _ = AgencySubscription.objects.get_or_create(agency_id=self.agency.id)
        return found

    @property
    def now(self) -> tuple[int, str]:
        """Plan and state of the agency."""
        found = Agency.objects.get(pk=self.agency.id)
        return found.plan, found.state


@pytest.fixture
def desk(stripe: Simulator, northwind: CurrentAgency, alice: Account) -> Desk:
    """Northwind, whose trial is over and which never bought anything."""
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.READ_ONLY, plan=1)
    return Desk(stripe, northwind, console_browser(alice))

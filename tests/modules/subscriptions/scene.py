"""Northwind's account at the simulator, and a client who buys there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.stripe_simulator.commands import PAID
from infra.stripe_simulator.running import Simulator
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, Subscription
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Company
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway import inbox
from tests.running_jobs import run_jobs

COURSE, GROUP = "courses.course:12", "communities.community:3"


@dataclass
class Till:
    """An agency that takes cards at the simulator."""

    simulator: Simulator
    agency: CurrentAgency
    account: str

    def events(self) -> list[dict[str, Any]]:
        """Everything that Stripe has to tell of the account, the oldest first."""
        with inside(self.agency):
            client, options = stripe_of_agency()
            found = client.v1.events.list({"limit": 100}, options)
        return [{**event.to_dict(for_json=True), "account": self.account} for event in reversed(found.data)]

    def hear(self, events: Iterable[dict[str, Any]] | None = None) -> None:
        """Receive events as the endpoint does and let the jobs work on them; by default all, in order."""
        for event in self.events() if events is None else events:
            inbox.store(event, "connect")
            run_jobs()

    def buy(
        self, offer: Offer, client: Client, *, company: Company | None = None, card: str = PAID
    ) -> Subscription:
        """Choose an offer, pay it in Stripe's checkout, and come back to the portal. Inside the agency."""
        bought = self.choose(offer, client, company=company, card=card)
        return operations.finish_checkout(bought)

    def choose(
        self, offer: Offer, client: Client, *, company: Company | None = None, card: str = PAID
    ) -> Subscription:
        """The same, but the browser never comes back."""
        bought = operations.begin(offer, client=client, company=company)
        opened = operations.open_checkout(bought)
        self.simulator.pay(self.account, opened.session_id, card)
        bought.refresh_from_db()
        return bought

    def let_the_card_fail(self, subscription: Subscription) -> None:
        """The saved card is declined from now on."""
        client, options = stripe_of_agency()
        seen = client.v1.subscriptions.retrieve(str(subscription.stripe_id), {}, options).to_dict()
        self.simulator.set_card(self.account, seen["default_payment_method"], "4000000000000341")


def make_offer(**fields: Any) -> Offer:
    """A recurring offer of €49.00 a month that opens a course."""
    usual: dict[str, Any] = {"name": "Care", "minor": 4900, "currency": "EUR", "grants": [COURSE]}
    return operations.create_offer(by=None, **(usual | fields))

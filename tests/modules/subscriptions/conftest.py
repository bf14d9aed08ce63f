"""One simulator for all tests; an account of its own for each."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.stripe_simulator.running import Simulator
from modules.subscriptions.models import Offer
from tenants.agencies.current import CurrentAgency, inside
from tenants.gateway.models import ConnectAccount
from tests.modules.subscriptions.scene import Till, make_offer


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """A running Stripe simulator."""
    with Simulator() as running:
        yield running


@pytest.fixture
def till(simulator: Simulator, settings: Any, northwind: CurrentAgency) -> Till:
    """Northwind takes cards."""
    return open_till(simulator, settings, northwind)


@pytest.fixture
def other_till(simulator: Simulator, settings: Any, harbour: CurrentAgency) -> Till:
    """Harbour takes cards, on an account of its own."""
    return open_till(simulator, settings, harbour)


def open_till(simulator: Simulator, settings: Any, agency: CurrentAgency) -> Till:
    for name, value in simulator.settings().items():
        setattr(settings, name, value)
    account = simulator.account(name=agency.name)
    ConnectAccount.objects.create(
        agency_id=agency.id, stripe_account_id=account, country="DE", currency="EUR", charges_enabled=True
    )
    return Till(simulator, agency, account)


@pytest.fixture
def care(northwind: CurrentAgency) -> Offer:
    """€49.00 a month, opens a course."""
    with inside(northwind):
        return make_offer(group="Care plans", may_pause=True)


@pytest.fixture
def plus(northwind: CurrentAgency) -> Offer:
    """€129.00 a month, of the same group, opens a community."""
    with inside(northwind):
        return make_offer(
            name="Care plus", minor=12900, grants=["communities.community:3"], group="Care plans"
        )

"""Northwind from the inside, and Maria's company with a colleague."""

import pytest

from portal.people.models import Client, Company
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, colleague, visit_console, visit_portal


@pytest.fixture
def nora(brightside: Company) -> Client:
    """Maria's colleague at Brightside."""
    return colleague(brightside, "Nora Silva")


@pytest.fixture
def portal(in_northwind: CurrentAgency, maria: Client) -> Visitor:
    """Maria's browser."""
    return visit_portal(in_northwind, maria)


@pytest.fixture
def console(in_northwind: CurrentAgency, alice: Account) -> Visitor:
    """Alice's browser."""
    return visit_console(in_northwind, alice)

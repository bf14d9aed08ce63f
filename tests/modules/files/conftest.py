"""Northwind from the inside, and Maria's company with a colleague."""

from collections.abc import Iterator

import pytest

from portal.people.models import Client, Company, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import Visitor, colleague, visit_console, visit_portal


@pytest.fixture
def in_northwind(
    northwind: CurrentAgency, harbour: CurrentAgency, alice_staff: Staff, hugo: Account
) -> Iterator[CurrentAgency]:
    """The test's own lines run inside Northwind; browsers find their way by themselves."""
    with inside(northwind):
        yield northwind


@pytest.fixture
def brightside(in_northwind: CurrentAgency, maria: Client) -> Company:
    """Maria's company."""
    return maria.companies.get()


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

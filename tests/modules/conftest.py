"""Northwind from the inside, and Maria's company."""

from collections.abc import Iterator

import pytest

from portal.people.models import Client, Company, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside


# Accounts and agencies are rows of the public schema: they are read before the test goes inside.
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

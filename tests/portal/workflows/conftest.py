"""Inside Northwind."""

from collections.abc import Iterator

import pytest

from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside


@pytest.fixture
def in_northwind(
    northwind: CurrentAgency,
    harbour: CurrentAgency,
    alice_staff: Staff,
    hugo: Account,
    maria: Client,
    tom: Client,
    charlie: Client,
) -> Iterator[CurrentAgency]:
    """The test's own lines run inside Northwind; people are loaded before."""
    with inside(northwind):
        yield northwind

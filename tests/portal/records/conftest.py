"""Who else is here."""

import pytest

from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.portal.records.people import make_member


@pytest.fixture
def jonas(northwind: CurrentAgency) -> Account:
    """A member of Northwind's staff."""
    return make_member(northwind)

"""Inside Northwind, which has filled in who it is; Maria's company is billed."""

from collections.abc import Iterator

import pytest

from modules.invoices.models import Invoice, Quote
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.invoices.scene import a_draft, issued, northwind_bills, sent_quote
from tests.portal.payments.conftest import simulator, stripe_settings, till  # noqa: F401  (fixtures)


# Accounts and agencies are rows of the public schema: they are read before the test goes inside.
@pytest.fixture
def in_northwind(
    northwind: CurrentAgency, harbour: CurrentAgency, alice_staff: Staff, hugo: Account
) -> Iterator[CurrentAgency]:
    """The test's own lines run inside Northwind; browsers find their way by themselves."""
    with inside(northwind):
        northwind_bills()
        yield northwind


@pytest.fixture
def draft(in_northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Invoice:
    """€100.00 for Brightside, not sent."""
    return a_draft(maria.companies.get(), alice_staff)


@pytest.fixture
def invoice(in_northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Invoice:
    """€100.00 for Brightside, sent."""
    return issued(maria.companies.get(), alice_staff)


@pytest.fixture
def quote(in_northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Quote:
    """€100.00 offered to Brightside, sent."""
    return sent_quote(maria.companies.get(), alice_staff)

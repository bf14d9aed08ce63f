"""Inside Northwind, which has filled in who it is; Maria's company is billed."""

from collections.abc import Iterator

import pytest

from modules.invoices import operations
from modules.invoices.models import Invoice, Quote
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.invoices.automatic import deliver
from tests.modules.invoices.scene import a_draft, fresh, issued, northwind_bills, sent_quote
from tests.portal.payments import conftest as payments
from tests.portal.payments.conftest import Till

# The till of payments, for these tests, too.
simulator, stripe_settings, till = payments.simulator, payments.stripe_settings, payments.till


@pytest.fixture
def in_northwind(in_northwind: CurrentAgency) -> CurrentAgency:
    """The same, with what invoices need filled in."""
    northwind_bills()
    return in_northwind


@pytest.fixture
def draft(in_northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Invoice:
    """€100.00 for Brightside, not sent."""
    return a_draft(maria.companies.get(), alice_staff)


@pytest.fixture
def invoice(in_northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Invoice:
    """€100.00 for Brightside, sent."""
    return issued(maria.companies.get(), alice_staff)


@pytest.fixture
def shop(till: Till, harbour: CurrentAgency, alice_staff: Staff, hugo: Account) -> Iterator[Till]:
    """Inside Northwind, which takes cards and sends invoices."""
    with inside(till.agency):
        northwind_bills()
        yield till


@pytest.fixture
def four_parts(shop: Till, maria: Client, alice_staff: Staff) -> Invoice:
    """€100.00 in four parts, 30 days between; the first is due today."""
    draft = a_draft(maria.companies.get(), alice_staff)
    operations.set_plan(draft, operations.parts_of(100_00, count=4), by=alice_staff)
    return operations.issue(draft, by=alice_staff)


@pytest.fixture
def agreed(shop: Till, four_parts: Invoice, maria: Client) -> Invoice:
    """Maria paid the first part and agreed that the rest is charged by itself."""
    payment = operations.start_payment(four_parts, choice="next", client=maria, with_autopay=True)
    shop.pay(payment)
    deliver(shop)
    return fresh(four_parts)


@pytest.fixture
def quote(in_northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Quote:
    """€100.00 offered to Brightside, sent."""
    return sent_quote(maria.companies.get(), alice_staff)

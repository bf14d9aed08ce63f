"""A read-only agency: its clients read what they paid and signed, nobody changes anything, a plan brings all back."""

import pytest

from kit import clock
from modules.invoices.models import Invoice
from portal.payments.operations import book_transfer
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription, Status
from tenants.billing.refreshing import settle
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser
from tests.modules.invoices.scene import issued, northwind_bills


@pytest.fixture
def paid(northwind: CurrentAgency, maria: Client, alice_staff: Staff) -> Invoice:
    with inside(northwind):
        northwind_bills()
        invoice = issued(maria.companies.get(), alice_staff)
        book_transfer(
            payable=f"invoices.invoice:{invoice.pk}",
            minor=invoice.gross_minor,
            currency="EUR",
            client=maria,
            staff=alice_staff,
            note="",
            happened_at=clock.now(),
        )
        return Invoice.objects.get(pk=invoice.pk)


def becomes(agency: CurrentAgency, status: Status) -> AgencyState:
    """As a refresh after that word of Stripe would leave it."""
    with outside_agencies():
        row, _ = AgencySubscription.objects.get_or_create(agency_id=agency.id)
        row.status, row.plan, row.interval = status, Plan.GROWTH, "month"
        row.save()
        settle(agency.id)
        hosts.forget_all()
        return AgencyState(Agency.objects.get(pk=agency.id).state)


@pytest.mark.parametrize("status", [Status.UNPAID, Status.CANCELED])
def test_clients_read_what_they_paid_and_nobody_writes(
    northwind: CurrentAgency, maria: Client, alice: Account, paid: Invoice, status: Status
) -> None:
    assert becomes(northwind, status) == AgencyState.READ_ONLY
    portal, console = portal_browser(northwind, maria), console_browser(alice)
    page = portal.get(f"/invoices/{paid.pk}/")
    assert page.status_code == 200 and str(paid.number) in page.content.decode()
    for paper in ("pdf/", "receipt/"):
        answer = portal.get(f"/invoices/{paid.pk}/{paper}")
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf", paper
    assert portal.get("/deliverables/").status_code == 200
    assert portal.post(f"/invoices/{paid.pk}/payments/").status_code == 403
    assert console.get(f"/northwind/invoices/{paid.pk}/").status_code == 200
    console.post(f"/northwind/invoices/{paid.pk}/copy/")
    with inside(northwind):
        assert Invoice.objects.count() == 1
    banner = console.get("/northwind/").content.decode()
    assert "Your clients can still see everything" in banner and 'href="/northwind/plan/"' in banner


def test_a_payment_brings_everything_back(
    northwind: CurrentAgency, maria: Client, alice: Account, paid: Invoice
) -> None:
    becomes(northwind, Status.UNPAID)
    assert becomes(northwind, Status.ACTIVE) == AgencyState.ACTIVE
    console_browser(alice).post(f"/northwind/invoices/{paid.pk}/copy/")
    with inside(northwind):
        assert Invoice.objects.count() == 2
    assert "read-only" not in console_browser(alice).get("/northwind/").content.decode()

"""What was paid too much is counted for another invoice of the same client; the ledger sums to nothing."""

import pytest

from modules.invoices import operations
from modules.invoices.models import Invoice, State
from portal.payments.models import LedgerEntry
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import visit_console, visit_portal
from tests.modules.invoices.scene import fresh, issued


@pytest.fixture
def overpaid(invoice: Invoice, alice_staff: Staff) -> Invoice:
    """€100.00 for Brightside, paid with €150.00."""
    return operations.mark_paid(invoice, minor=150_00, note="", by=alice_staff)


def test_it_is_counted_as_far_as_the_other_is_open(
    overpaid: Invoice, maria: Client, alice_staff: Staff
) -> None:
    small = issued(maria.companies.get(), alice_staff, 20_00)
    large = issued(maria.companies.get(), alice_staff, 80_00)
    assert operations.count_for(overpaid, small, by=alice_staff) == 20_00
    assert operations.count_for(overpaid, large, by=alice_staff) == 30_00
    assert (fresh(small).state, fresh(large).state, fresh(large).due_minor) == (
        State.PAID,
        State.PARTLY_PAID,
        50_00,
    )
    assert (fresh(overpaid).state, fresh(overpaid).over_minor) == (State.PAID, 0)
    moved = LedgerEntry.objects.filter(kind="adjustment")
    assert sum(entry.minor for entry in moved) == 0 and {entry.staff for entry in moved} == {alice_staff}
    with pytest.raises(operations.WrongState):
        operations.count_for(overpaid, large, by=alice_staff)


def test_only_for_the_same_client_and_currency(
    overpaid: Invoice, maria: Client, tom: Client, alice_staff: Staff
) -> None:
    others = [
        issued(tom, alice_staff),
        issued(maria.companies.get(), alice_staff, currency="USD"),
        overpaid,
    ]
    for other in others:
        with pytest.raises(operations.NotValid):
            operations.count_for(overpaid, other, by=alice_staff)
    assert not LedgerEntry.objects.filter(kind="adjustment").exists()


def test_what_is_paid_or_void_takes_nothing(overpaid: Invoice, maria: Client, alice_staff: Staff) -> None:
    void = issued(maria.companies.get(), alice_staff)
    operations.void(void, reason="Wrong", by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.count_for(overpaid, void, by=alice_staff)


def test_money_that_came_after_void_can_be_counted(
    invoice: Invoice, maria: Client, alice_staff: Staff
) -> None:
    operations.void(invoice, reason="Wrong", by=alice_staff)
    operations.mark_paid(invoice, minor=100_00, note="", by=alice_staff)
    right = issued(maria.companies.get(), alice_staff, 100_00)
    operations.count_for(invoice, right, by=alice_staff)
    assert fresh(right).state == State.PAID and fresh(invoice).over_minor == 0


def test_the_console_offers_it_and_strangers_are_refused(
    in_northwind: CurrentAgency,
    overpaid: Invoice,
    maria: Client,
    alice: Account,
    alice_staff: Staff,
    hugo: Account,
) -> None:
    other = issued(maria.companies.get(), alice_staff, 20_00)
    here = f"/invoices/{overpaid.pk}/"
    assert f"Count it for {other.number}" in visit_console(in_northwind, alice).get(here).content.decode()
    form = {"invoice": str(other.pk)}
    assert visit_console(in_northwind, hugo).post(f"{here}excess/", form).status_code == 404
    assert visit_portal(in_northwind, maria).post(f"/invoices/{overpaid.pk}/excess/", form).status_code == 404
    for wrong in ({}, {"invoice": "x"}, {"invoice": "987654321"}):
        assert visit_console(in_northwind, alice).post(f"{here}excess/", wrong).status_code == 404
    assert visit_console(in_northwind, alice).post(f"{here}excess/", form).status_code == 302
    assert fresh(other).state == State.PAID

"""An agency that does not pay us is read-only: nothing leaves by itself, and it goes on where it stopped."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from modules.invoices import operations
from modules.invoices.models import Invoice, InvoiceSettings, Repeating, State
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tenants.agencies.models import Agency, AgencyState
from tests.modules.invoices.scene import a_draft, a_line, fresh, issued

LATER = "2026-06-20 10:00Z"


@pytest.fixture
def waiting(in_northwind: CurrentAgency, tom: Client, alice_staff: Staff) -> tuple[Invoice, Invoice]:
    """One scheduled, one overdue, and one that repeats."""
    InvoiceSettings.objects.update(late_fee_minor=5_00, late_fee_after_days=1, remind_days_after="41")
    with time_machine.travel("2026-05-04 10:00Z"):
        scheduled = a_draft(tom, alice_staff)
        operations.schedule(scheduled, on=date(2026, 5, 6), by=alice_staff)
        late = issued(tom, alice_staff, due_on=date(2026, 5, 10))
        operations.create_repeating(
            owner=tom, by=alice_staff, title="Care", currency="EUR", lines=[a_line()], unit="month",
            next_on=date(2026, 5, 20), issues=True,
        )  # fmt: skip
    Message.objects.all().delete()
    return scheduled, late


@pytest.fixture
def read_only(in_northwind: CurrentAgency, waiting: object) -> Iterator[CurrentAgency]:
    with outside_agencies():
        Agency.objects.filter(pk=in_northwind.id).update(state=AgencyState.READ_ONLY)
        closed = Agency.objects.get(pk=in_northwind.id).current()
    with inside(closed):
        yield closed


def run_all() -> list[int]:
    with time_machine.travel(LATER):
        done = [operations.issue_scheduled(), operations.remind_due(), operations.charge_late_fees()]
        return [*done, sum(operations.repeat(row.pk) for row in Repeating.objects.all())]


def test_nothing_leaves_by_itself(waiting: tuple[Invoice, Invoice], read_only: CurrentAgency) -> None:
    assert run_all() == [0, 0, 0, 0] and not Message.objects.exists()
    with time_machine.travel(LATER):
        assert operations.due_repeating() == []
    assert fresh(waiting[0]).state == State.SCHEDULED and fresh(waiting[1]).fee_minor == 0


def test_open_again_it_goes_on(
    waiting: tuple[Invoice, Invoice], in_northwind: CurrentAgency, read_only: CurrentAgency
) -> None:
    run_all()
    with inside(in_northwind):
        assert run_all() == [1, 1, 1, 2]
        assert fresh(waiting[0]).state == State.ISSUED and fresh(waiting[1]).fee_minor == 5_00

"""Deposits and instalments: exact sums, days, order of payment, changes after the first payment."""

from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import Instalment, Invoice
from modules.invoices.operations import Part, parts_of
from portal.people.models import Client, Staff
from tests.modules.invoices.scene import a_draft, a_line, fresh


def pay(invoice: Invoice, minor: int) -> Invoice:
    return operations.mark_paid(invoice, minor=minor, note="", by=None)


def rows(invoice: Invoice) -> list[tuple[int, int, str]]:
    return [(part.minor, part.paid_minor, part.state) for part in invoice.instalments.all()]


@pytest.fixture
def planned(in_northwind: object, tom: Client, alice_staff: Staff) -> Invoice:
    """€100.01: 30 % at once, the rest in three parts, 30 days between; sent on 4 May 2026."""
    draft = a_draft(tom, alice_staff, 100_01)
    operations.set_plan(draft, parts_of(100_01, deposit_percent=30, count=3), by=alice_staff)
    with time_machine.travel("2026-05-04 10:00Z"):
        return operations.issue(draft, by=alice_staff)


@given(st.integers(1000, 10**12), st.integers(0, 90), st.integers(1, 24))
def test_every_plan_adds_up(total: int, deposit: int, count: int) -> None:
    parts = parts_of(total, deposit_percent=deposit, count=count)
    assert sum(part.minor for part in parts) == total and all(part.minor > 0 for part in parts)


def test_the_remainder_goes_to_the_first() -> None:
    assert [part.minor for part in parts_of(1000, count=3)] == [334, 333, 333]


def test_days_count_from_the_issue(planned: Invoice) -> None:
    days = [part.due_on for part in planned.instalments.all()]
    first = date(2026, 5, 4)
    assert days == [first + timedelta(days=n) for n in (0, 30, 60, 90)]
    assert planned.next_due_on == first and planned.due_on == days[-1]


def test_money_fills_the_first_part_first(planned: Invoice) -> None:
    paid = pay(planned, 40_00)
    assert [row[1] for row in rows(paid)] == [30_00, 10_00, 0, 0]
    assert paid.next_due_on == date(2026, 6, 3) and paid.due_minor == 60_01
    assert rows(pay(paid, 60_01))[-1][2] == Instalment.State.PAID


def test_next_ahead_and_all_are_offered(planned: Invoice) -> None:
    offered = [(one.key, one.minor) for one in operations.choices_of(planned)]
    assert offered == [("next", 30_00), ("ahead-1", 53_35), ("ahead-2", 76_68), ("all", 100_01)]
    assert [one.key for one in operations.choices_of(pay(planned, 76_68))] == ["all"]
    assert operations.choices_of(pay(planned, 23_33)) == []


def test_after_a_payment_only_the_rest_is_planned_anew(planned: Invoice, alice_staff: Staff) -> None:
    pay(planned, 30_00)
    rest = [Part("Rest", 70_01, due_on=date(2030, 1, 1))]
    operations.set_plan(planned, rest, by=alice_staff)
    assert [row[0] for row in rows(planned)] == [30_00, 70_01]
    for wrong in ([Part("Rest", 70_00, due_on=date(2030, 1, 1))], []):
        with pytest.raises(Refused):
            operations.set_plan(planned, wrong, by=alice_staff)
    assert [row[0] for row in rows(planned)] == [30_00, 70_01]


def test_a_plan_that_does_not_add_up_is_refused(draft: Invoice, alice_staff: Staff) -> None:
    for wrong in (
        [Part("All", 99_99, days_after_issue=0)],
        [Part("All", 100_00)],
        [Part("All", 100_00, date(2030, 1, 1), 3)],
        [Part("More", 200_00, days_after_issue=0), Part("Less", -100_00, days_after_issue=1)],
    ):
        with pytest.raises(Refused):
            operations.set_plan(draft, wrong, by=alice_staff)
    assert not draft.instalments.exists()


def test_the_plan_follows_a_changed_total(draft: Invoice, alice_staff: Staff) -> None:
    operations.set_plan(draft, parts_of(100_00, deposit_percent=50, count=1), by=alice_staff)
    operations.edit_invoice(draft, by=alice_staff, lines=[a_line(33_33)])
    assert sum(row[0] for row in rows(draft)) == 33_33
    assert fresh(operations.issue(draft, by=alice_staff)).due_minor == 33_33


def test_too_small_for_so_many_parts(draft: Invoice) -> None:
    with pytest.raises(Refused):
        parts_of(3, count=4)

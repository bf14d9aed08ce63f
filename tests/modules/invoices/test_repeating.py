"""Repeating invoices: days that do not drift, once for each day, in order, paused, stopped, in their own words."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from kit.refused import Refused
from modules.invoices import jobs, operations
from modules.invoices.models import (
    Every,
    Invoice,
    InvoiceSettings,
    Repeating,
    RepeatingState,
    Repetition,
    State,
)
from modules.invoices.queries.repeating import fill_in, turns_ahead
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.invoices.scene import a_line
from tests.running_jobs import run_jobs

START = "2026-01-31 10:00Z"


def again(repeating: Repeating) -> Repeating:
    return Repeating.objects.get(pk=repeating.pk)


@pytest.fixture
def begin(in_northwind: object, tom: Client, alice_staff: Staff) -> Any:
    def begin(**fields: Any) -> Repeating:
        given: Any = {
            "owner": tom,
            "title": "Care, {month} {year}",
            "currency": "EUR",
            "next_on": date(2026, 1, 31),
            "lines": [a_line(100_00, description="Care from {from} to {to}, no {number}")],
            **fields,
        }
        with time_machine.travel(START):
            return operations.create_repeating(by=alice_staff, **given)

    return begin


def on(moment: str) -> int:
    """Run the clock's job and what it sets off; how many invoices came."""
    before = Invoice.objects.count()
    with time_machine.travel(moment):
        jobs.repeat_due.send()
        run_jobs()
    return Invoice.objects.count() - before


def days(repeating: Repeating, count: int) -> list[str]:
    return [str(repeating.day_of(turn)) for turn in range(count)]


def rhythm(anchor: date, unit: str, every: int = 1, *, last: bool = False) -> Repeating:
    return Repeating(anchor_on=anchor, unit=unit, every=every, on_last_day=last)


def test_the_31st_comes_back_after_february() -> None:
    assert days(rhythm(date(2026, 1, 31), Every.MONTH), 4) == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


def test_the_last_day_of_the_month_follows_the_month() -> None:
    assert days(rhythm(date(2026, 2, 28), Every.MONTH, last=True), 3) == [
        "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


def test_weeks_quarters_and_leap_years() -> None:
    assert days(rhythm(date(2026, 12, 24), Every.WEEK, 2), 3) == ["2026-12-24", "2027-01-07", "2027-01-21"]
    assert days(rhythm(date(2025, 11, 30), Every.QUARTER), 3) == ["2025-11-30", "2026-02-28", "2026-05-30"]
    assert days(rhythm(date(2024, 2, 29), Every.YEAR), 5)[-2:] == ["2027-02-28", "2028-02-29"]
    assert days(rhythm(date(2026, 11, 15), Every.MONTH, 5), 3) == ["2026-11-15", "2027-04-15", "2027-09-15"]


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.sampled_from([Every.WEEK, Every.MONTH, Every.QUARTER, Every.YEAR]),
    st.integers(1, 5),
    st.booleans(),
)
def test_days_rise_and_never_leave_their_month(anchor: date, unit: str, every: int, last: bool) -> None:
    row = rhythm(anchor, unit, every, last=last and unit != Every.WEEK)
    found = [row.day_of(turn) for turn in range(40)]
    assert found == sorted(set(found))
    if unit != Every.WEEK:
        months = {"month": 1, "quarter": 3, "year": 12}[unit] * every
        assert [day.year * 12 + day.month for day in found] == [
            anchor.year * 12 + anchor.month + months * turn for turn in range(40)
        ]


def test_words_change_each_time() -> None:
    words = fill_in(
        "{month} {year} {quarter} {week} {from} {to} {number} {other} {}",
        on=date(2026, 5, 1), until=date(2026, 5, 31), number=3,
    )  # fmt: skip
    assert words == "May 2026 Q2 18 1 May 2026 31 May 2026 3 {other} {}"


def test_a_draft_is_written_on_its_day_and_staff_are_told(begin: Any) -> None:
    repeating = begin()
    assert on(START) == 1
    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.title, invoice.gross_minor) == (State.DRAFT, "Care, January 2026", 100_00)
    assert invoice.lines.get().description == "Care from 31 January 2026 to 27 February 2026, no 1"
    assert again(repeating).next_on == date(2026, 2, 28)
    assert Message.objects.filter(email="invoices.attention").count() == 1
    assert not Message.objects.filter(email="invoices.issued").exists()


def test_once_however_often_the_clock_ticks(begin: Any) -> None:
    begin()
    assert [on(START) for _ in range(3)] == [1, 0, 0]
    assert on("2026-02-27 22:30Z") == 0
    assert on("2026-02-27 23:30Z") == 1  # the 28th in Berlin


def test_sent_at_once_the_client_gets_it_by_mail(begin: Any) -> None:
    begin(issues=True)
    on(START)
    assert Invoice.objects.get().state == State.ISSUED
    assert Message.objects.filter(email="invoices.issued").count() == 1
    assert not Message.objects.filter(email="invoices.attention").exists()


def test_one_that_cannot_be_sent_waits_as_a_draft(begin: Any) -> None:
    repeating = begin(issues=True)
    InvoiceSettings.objects.update(seller_name="")
    assert [on(START), on(START)] == [1, 0]
    assert Invoice.objects.get().state == State.DRAFT and again(repeating).made == 1
    assert "could not be sent" in Message.objects.get(email="invoices.attention").words["what"]


def test_after_a_long_silence_all_come_in_order(begin: Any) -> None:
    begin(issues=True)
    assert on("2026-04-30 10:00Z") == 4
    titles = list(Invoice.objects.order_by("number").values_list("title", flat=True))
    assert titles == [f"Care, {month} 2026" for month in ("January", "February", "March", "April")]
    assert list(Repetition.objects.order_by("pk").values_list("on", flat=True)) == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
    ]  # fmt: skip


def test_one_that_breaks_keeps_no_other_waiting(
    begin: Any, in_northwind: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = begin(), begin(title="Other")
    real = operations.repeat

    def repeat(pk: int) -> int:
        if pk == broken.pk:
            raise ZeroDivisionError
        return real(pk)

    monkeypatch.setattr(operations, "repeat", repeat)
    with time_machine.travel(START):
        jobs.repeat_due.send()
        with pytest.raises(ZeroDivisionError):
            run_jobs()
        run_jobs()
    with inside(in_northwind):
        assert (again(broken).made, again(whole).made) == (0, 1)


def test_the_database_refuses_a_second_invoice_of_a_day(begin: Any) -> None:
    repeating = begin()
    on(START)
    with pytest.raises(IntegrityError), transaction.atomic():
        Repetition.objects.create(repeating=repeating, on=date(2026, 1, 31), until=date(2026, 2, 27))


def test_it_ends_after_so_many_times(begin: Any) -> None:
    repeating = begin(times=2)
    assert on("2027-01-01 10:00Z") == 2
    ended = again(repeating)
    assert (ended.state, ended.next_on, ended.made) == (RepeatingState.ENDED, None, 2)
    assert on("2027-06-01 10:00Z") == 0


def test_it_ends_on_its_last_day(begin: Any) -> None:
    repeating = begin(end_on=date(2026, 3, 31))
    assert [str(turn.on) for turn in turns_ahead(repeating)] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert on("2027-01-01 10:00Z") == 3
    assert again(repeating).state == RepeatingState.ENDED


def test_a_pause_leaves_its_days_out(begin: Any, alice_staff: Staff) -> None:
    repeating = begin()
    on(START)
    operations.pause_repeating(repeating, by=alice_staff)
    assert on("2026-04-15 10:00Z") == 0
    with time_machine.travel("2026-04-15 10:00Z"):
        assert operations.resume_repeating(repeating, by=alice_staff) == 2
        assert operations.resume_repeating(repeating, by=alice_staff) == 0
    assert again(repeating).next_on == date(2026, 4, 30)
    assert on("2026-04-30 10:00Z") == 1
    assert Invoice.objects.order_by("-pk")[0].lines.get().description.endswith("no 2")


def test_a_pause_may_outlast_the_end(begin: Any, alice_staff: Staff) -> None:
    repeating = begin(end_on=date(2026, 3, 1))
    operations.pause_repeating(repeating, by=alice_staff)
    with time_machine.travel("2026-05-01 10:00Z"):
        operations.resume_repeating(repeating, by=alice_staff)
    assert again(repeating).state == RepeatingState.ENDED and on("2026-05-01 10:00Z") == 0


def test_stopped_is_stopped(begin: Any, alice_staff: Staff) -> None:
    repeating = begin()
    operations.stop_repeating(repeating, by=alice_staff)
    operations.stop_repeating(repeating, by=alice_staff)
    assert on("2027-01-01 10:00Z") == 0
    for attempt in (
        lambda: operations.resume_repeating(repeating, by=alice_staff),
        lambda: operations.pause_repeating(repeating, by=alice_staff),
        lambda: operations.edit_repeating(repeating, by=alice_staff, title="Other"),
    ):
        with pytest.raises(operations.WrongState):
            attempt()


def test_a_change_counts_from_the_next_one_on(begin: Any, alice_staff: Staff) -> None:
    repeating = begin()
    on(START)
    with time_machine.travel("2026-02-01 10:00Z"):
        operations.edit_repeating(repeating, by=alice_staff, lines=[a_line(150_00)])
        assert again(repeating).anchor_on == date(2026, 1, 31), "the day is not lost to February"
        operations.edit_repeating(
            repeating, by=alice_staff, unit=Every.WEEK, every=2, next_on=date(2026, 2, 10)
        )
    assert on("2026-02-24 10:00Z") == 2
    assert list(Invoice.objects.order_by("pk").values_list("gross_minor", flat=True)) == [
        100_00, 150_00, 150_00,
    ]  # fmt: skip


def test_a_day_that_is_billed_is_not_billed_again(begin: Any, alice_staff: Staff) -> None:
    repeating = begin()
    with time_machine.travel(START):
        operations.repeat(repeating.pk)
        with pytest.raises(operations.NotValid) as refused:
            operations.edit_repeating(repeating, by=alice_staff, next_on=date(2026, 1, 31))
    assert refused.value.field == "next_on"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"next_on": date(2026, 1, 30)}, "next_on"),
        ({"next_on": date(2090, 1, 1)}, "next_on"),
        ({"every": 0}, "every"),
        ({"every": 25}, "every"),
        ({"unit": "day"}, "unit"),
        ({"unit": "week", "on_last_day": True}, "on_last_day"),
        ({"end_on": date(2026, 1, 30)}, "end_on"),
        ({"times": 0}, "times"),
        ({"lines": []}, ""),
        ({"title": ""}, "title"),
    ],
)
def test_what_cannot_be_is_named(begin: Any, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        begin(**wrong)
    assert refused.value.field == field and not Repeating.objects.exists()


def test_a_deleted_draft_does_not_come_again(begin: Any, alice_staff: Staff) -> None:
    begin()
    on(START)
    operations.delete_draft(Invoice.objects.get(), by=alice_staff)
    assert on(START) == 0 and Repetition.objects.get().invoice is None


def test_a_plan_comes_with_each_invoice(begin: Any) -> None:
    begin(deposit_percent=50, parts=2, issues=True)
    on(START)
    assert [part.minor for part in Invoice.objects.get().instalments.all()] == [50_00, 25_00, 25_00]

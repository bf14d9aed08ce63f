"""Repeating invoices with real commits: workers killed at every moment, and many workers at once."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection

from modules.invoices import operations
from modules.invoices.models import Counter, Invoice, Repeating, Repetition
from portal.agency import current_agency
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.modules.invoices.scene import a_line, northwind_bills
from tests.processes import ROOT, environment

DAYS = 4


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        northwind_bills()
        yield current


def due_for_weeks() -> Repeating:
    """Weekly, sent at once, and not looked at for four weeks."""
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    made = operations.create_repeating(
        owner=tom, by=staff, title="Care {from}", currency="EUR", lines=[a_line(10_00)], issues=True, unit="week",
    )  # fmt: skip
    first: date = current_agency().today() - timedelta(weeks=DAYS - 1)
    Repeating.objects.filter(pk=made.pk).update(anchor_on=first, next_on=first)
    return made


def check_whole(repeating: Repeating) -> None:
    """Each day once, in order, numbered without a gap, mailed once."""
    repeating.refresh_from_db()
    found = list(Repetition.objects.order_by("on").select_related("invoice"))
    assert [row.on for row in found] == [repeating.day_of(turn) for turn in range(DAYS)]
    numbers = [str(row.invoice.number) for row in found if row.invoice]
    assert [number[-4:] for number in numbers] == [f"{n:04d}" for n in range(1, DAYS + 1)]
    assert Invoice.objects.count() == DAYS == repeating.made == Counter.objects.get().last
    assert Message.objects.filter(email="invoices.issued").count() == DAYS


@pytest.mark.parametrize(("moment", "left"), [("drafted", 0), ("issued", 0), ("between", 1)])
def test_kill_9_leaves_each_day_done_or_not_begun(agency: CurrentAgency, moment: str, left: int) -> None:
    repeating = due_for_weeks()
    killed = subprocess.run(
        [sys.executable, "-m", "tests.modules.invoices.dying", str(repeating.pk), moment],
        cwd=ROOT,
        env=environment(DJANGO_SETTINGS_MODULE="config.settings"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert Invoice.objects.count() == Repetition.objects.count() == left
    operations.repeat(repeating.pk)
    check_whole(repeating)


def test_many_workers_at_once_write_each_day_once(agency: CurrentAgency) -> None:
    repeating = due_for_weeks()
    start, made, errors = threading.Barrier(6), [], []

    def work() -> None:
        try:
            with inside(agency):
                start.wait(timeout=30)
                made.append(operations.repeat(repeating.pk))
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and sum(made) == DAYS
    check_whole(repeating)

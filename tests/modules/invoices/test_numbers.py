"""Many at once, in real transactions: no gap, no double number, whatever rolls back."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection, transaction

from modules.invoices import operations
from modules.invoices.models import Counter, Invoice
from modules.invoices.models.billing import Series
from portal.audit.models import AuditEntry
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.modules.invoices.scene import a_draft, northwind_bills

THREADS, EACH = 8, 125


class Changed(Exception):
    """Somebody thought better of it."""


def think_better(draft: Invoice) -> None:
    """Issued, and the transaction rolled back by its own program."""
    with suppress(Changed), transaction.atomic():
        operations.issue(draft, by=None, send_mail=False)
        raise Changed


def break_down(draft: Invoice) -> None:
    """Issued, and the transaction rolled back by an error of the database."""
    with suppress(DataError), transaction.atomic():
        operations.issue(draft, by=None, send_mail=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")


def be_cut_off(draft: Invoice) -> None:
    """Issued, and the connection lost before the commit, as when a worker is killed."""
    with suppress(OperationalError, InterfaceError), transaction.atomic():
        operations.issue(draft, by=None, send_mail=False)
        connection.connection.close()
    connection.close()


WAYS = (think_better, break_down, be_cut_off)
OFTEN = [None] * 18 + [think_better] * 2 + [break_down] * 2 + [be_cut_off]


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        northwind_bills()
        yield current


def test_a_thousand_at_once_with_rollbacks_have_no_gap(agency: CurrentAgency) -> None:
    maria, staff = Client.objects.get(email="maria@client.example"), Staff.objects.get()
    with transaction.atomic():
        drafts = [a_draft(maria.companies.get(), staff) for _ in range(THREADS * EACH)]
    start, errors, gave_up = threading.Barrier(THREADS), [], []

    def work(place: int) -> None:
        chance = random.Random(place)  # another order in each thread, the same in each run
        # Every draft is another thread's, too: both issue it, at about the same time.
        mine = drafts[place::THREADS] + drafts[(place + 1) % THREADS :: THREADS]
        chance.shuffle(mine)
        try:
            with inside(agency):
                start.wait(timeout=60)
                for draft in mine:
                    while (how := chance.choice(OFTEN)) is not None:
                        gave_up.append(how.__name__)
                        how(draft)
                    operations.issue(draft, by=None, send_mail=False)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[place]) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert all(gave_up.count(way.__name__) > 25 for way in WAYS)
    # This connection has issued nothing: what it reads was committed by the others.
    numbers = sorted(str(invoice.number) for invoice in Invoice.objects.all())
    prefix = numbers[0].partition("-")[0]
    assert numbers == [f"{prefix}-{n:04d}" for n in range(1, THREADS * EACH + 1)]
    assert Counter.objects.get(series__kind=Series.Kind.INVOICE).last == THREADS * EACH
    assert AuditEntry.objects.filter(verb="invoices.issued").count() == THREADS * EACH


def test_two_payments_at_once_are_both_counted(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    invoice = operations.issue(a_draft(tom, staff, 100_00), by=staff)
    start = threading.Barrier(8)

    def pay() -> None:
        with inside(agency):
            start.wait(timeout=30)
            operations.mark_paid(invoice, minor=10_00, note="Cash", by=None)
        connection.close()

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    invoice.refresh_from_db()
    assert (invoice.kept_minor, invoice.due_minor) == (80_00, 20_00)


def test_who_rolls_back_gives_the_number_to_the_next(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    first, second = a_draft(tom, staff), a_draft(tom, staff)
    for _ in range(3):
        with transaction.atomic():
            operations.issue(first, by=None, send_mail=False)
            transaction.set_rollback(True)
    numbers = [str(operations.issue(one, by=None, send_mail=False).number) for one in (first, second)]
    assert [number.rpartition("-")[2] for number in numbers] == ["0001", "0002"]


def test_who_comes_second_waits_for_the_number_of_the_first(agency: CurrentAgency) -> None:
    tom, staff = Client.objects.get(email="tom@client.example"), Staff.objects.get()
    operations.issue(a_draft(tom, staff), by=None, send_mail=False)  # the series is there
    first, second = a_draft(tom, staff), a_draft(tom, staff)
    is_taken = threading.Event()
    numbers: dict[int, str] = {}

    def issue(invoice: Invoice, waits: float) -> None:
        try:
            with inside(agency), transaction.atomic():
                numbers[invoice.pk] = str(operations.issue(invoice, by=None, send_mail=False).number)
                is_taken.set()
                time.sleep(waits)
        finally:
            connection.close()

    one = threading.Thread(target=issue, args=(first, 0.5))
    one.start()
    assert is_taken.wait(30)
    other = threading.Thread(target=issue, args=(second, 0))
    other.start()
    one.join(30)
    other.join(30)
    assert len({invoice.number for invoice in Invoice.objects.exclude(number=None)}) == 3
    assert numbers[first.pk] != numbers[second.pk]

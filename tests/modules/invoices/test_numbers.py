"""Many at once, in real transactions: no gap, no double number, whatever rolls back."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from modules.invoices import operations
from modules.invoices.models import Counter, Invoice
from modules.invoices.models.billing import Series
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.modules.invoices.scene import a_draft, northwind_bills

THREADS, EACH = 8, 125


class Changed(Exception):
    """Somebody thought better of it."""


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        northwind_bills()
        yield current


def test_a_thousand_at_once_with_rollbacks_have_no_gap(agency: CurrentAgency) -> None:
    maria, staff = Client.objects.get(email="maria@client.example"), Staff.objects.get()
    drafts = [a_draft(maria.companies.get(), staff) for _ in range(THREADS * EACH)]
    start = threading.Barrier(THREADS)
    errors: list[BaseException] = []

    def work(mine: list[Invoice]) -> None:
        try:
            with inside(agency):
                start.wait(timeout=30)
                for turn, draft in enumerate(mine):
                    if turn % 3 == 0:
                        give_up(draft)
                    operations.issue(draft, by=None, send_mail=False)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    def give_up(draft: Invoice) -> None:
        try:
            with transaction.atomic():
                operations.issue(draft, by=None, send_mail=False)
                raise Changed
        except Changed:
            pass

    threads = [threading.Thread(target=work, args=[drafts[n::THREADS]]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    numbers = sorted(str(invoice.number) for invoice in Invoice.objects.all())
    prefix = numbers[0].partition("-")[0]
    assert numbers == [f"{prefix}-{n:04d}" for n in range(1, THREADS * EACH + 1)]
    assert Counter.objects.get(series__kind=Series.Kind.INVOICE).last == THREADS * EACH


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

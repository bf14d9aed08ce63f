"""Our own limits stand before the CA's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection

from tenants.certificates import budgets
from tenants.certificates.models import Budget

CA, OTHER = "https://ca.example/dir", "https://other-ca.example/dir"


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-01 09:00Z", tick=False) as traveller:
        yield traveller


def test_one_name_five_times_in_a_week_then_once_in_34_hours(db: None, now: time_machine.Traveller) -> None:
    assert [budgets.take(CA, "a.agency.example") for _ in range(5)] == [0.0] * 5
    wait = budgets.take(CA, "a.agency.example")
    assert wait == pytest.approx(7 * 86_400 / 5)
    assert budgets.take(OTHER, "a.agency.example") == 0, "another CA counts for itself"
    now.shift(wait)
    assert budgets.take(CA, "a.agency.example") == 0
    assert budgets.take(CA, "a.agency.example") > 0


def test_fifty_names_of_one_registered_domain(db: None, now: time_machine.Traveller) -> None:
    for number in range(50):
        assert budgets.take(CA, f"n{number}.agency.co.uk") == 0
    assert budgets.take(CA, "n50.agency.co.uk") == pytest.approx(7 * 86_400 / 50)
    assert budgets.take(CA, "portal.another.co.uk") == 0


def test_what_is_refused_takes_nothing(db: None, now: time_machine.Traveller) -> None:
    for _ in range(5):
        budgets.take(CA, "a.agency.example")
    for _ in range(60):
        assert budgets.take(CA, "a.agency.example") > 0
    spent = {one.kind: one.used for one in budgets.used(CA)}
    assert spent == {"orders": 5, "domain": 5, "name": 5}


def test_three_hundred_orders_in_three_hours_whoever_asks(db: None, now: time_machine.Traveller) -> None:
    granted = [budgets.take(CA, f"portal.agency-{number}.example") == 0 for number in range(310)]
    assert granted == [True] * 300 + [False] * 10 and budgets.is_spent(CA)
    now.shift(36)
    assert budgets.take(CA, "portal.last.example") == 0
    assert budgets.take(CA, "portal.very-last.example") > 0


def test_threads_together_get_no_more(committed_db: None) -> None:
    def take(number: int) -> bool:
        try:
            # Two orders of the same rows: a deadlock would show here.
            return budgets.take(CA, f"n{number % 4}.agency.example") == 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        granted = sum(threads.map(take, range(60)))
    assert granted == 20, "four names, five times each"


def test_what_has_grown_back_is_forgotten(db: None, now: time_machine.Traveller) -> None:
    budgets.take(CA, "a.agency.example")
    now.shift(86_400)
    assert budgets.forget_old() == 2, "the name's own is whole after 34 hours only"
    assert Budget.objects.count() == 1
    assert [one.used for one in budgets.used(CA)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("portal.agency.co.uk", "agency.co.uk"),
        ("a.b.agency.example", "agency.example"),
        ("portal.youragency.localhost", "youragency.localhost"),
        ("co.uk", "co.uk"),
    ],
)
def test_the_registered_domain_is_below_the_public_suffix(host: str, domain: str) -> None:
    assert budgets.registered(host) == domain

"""Repeating invoices on the console."""

from datetime import timedelta
from typing import Any

import pytest

from modules.invoices import operations
from modules.invoices.models import Repeating, RepeatingState
from portal.agency import current_agency
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, visit_console


@pytest.fixture
def console(alice: Account, in_northwind: CurrentAgency) -> Visitor:
    return visit_console(in_northwind, alice)


def page(response: Any) -> str:
    return str(response.content.decode())


def typed(tom: Client, **other: str) -> dict[str, str]:
    return {
        "owner": f"client-{tom.pk}", "title": "Care, {month} {year}", "currency": "EUR", "days_to_pay": "14",
        "every": "1", "unit": "month", "next_on": str(current_agency().today()), "issues": "issue",
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-description": "Care {from}",
        "lines-0-price": "180", **other,
    }  # fmt: skip


@pytest.fixture
def repeating(console: Visitor, tom: Client) -> Repeating:
    assert console.post("/invoices/repeating/new/", typed(tom)).status_code == 302
    return Repeating.objects.get()


def at(repeating: Repeating, rest: str = "") -> str:
    return f"/invoices/repeating/{repeating.pk}/{rest}"


def test_it_is_set_up_shown_changed_paused_and_stopped(
    console: Visitor, repeating: Repeating, tom: Client
) -> None:
    assert repeating.issues and "{month}" in page(console.get("/invoices/repeating/new/"))
    today = current_agency().today()
    assert f"Care, {today:%B %Y}" in page(console.get(at(repeating)))
    operations.repeat(repeating.pk)
    assert f"Care, {today:%B %Y}" in page(console.get(at(repeating)))
    assert "Care, {month} {year}" in page(console.get("/invoices/repeating/"))
    assert console.get(at(repeating, "edit/")).status_code == 200
    repeating.refresh_from_db()
    change = typed(tom, title="Less", next_on=str(repeating.next_on), issues="draft")
    assert console.post(at(repeating, "edit/"), change).status_code == 302
    for rest, state in (("pause/", "paused"), ("pause/deletion/", "active"), ("end/", "ended")):
        assert console.post(at(repeating, rest)).status_code == 302
        repeating.refresh_from_db()
        assert repeating.state == state and console.get(at(repeating)).status_code == 200
    assert not repeating.issues and repeating.pattern.title == "Less"
    assert console.get(at(repeating, "edit/")).status_code == 302
    console.post(at(repeating, "pause/deletion/"))
    repeating.refresh_from_db()
    assert repeating.state == RepeatingState.ENDED


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "0"},
        {"every": "53"},
        {"unit": "day"},
        {"next_on": "2020-01-01"},
        {"next_on": "soon"},
        {"times": "0"},
        {"end_on": "2020-01-01"},
        {"issues": "maybe"},
        {"issues": ""},
        {"lines-0-description": "", "lines-0-price": ""},
        {"owner": "client-987654321"},
        {"owner": ""},
        {"unit": "week", "on_last_day": "on"},
    ],
)
def test_what_cannot_be_comes_back(console: Visitor, tom: Client, wrong: dict[str, str]) -> None:
    assert console.post("/invoices/repeating/new/", typed(tom) | wrong).status_code == 422
    assert not Repeating.objects.exists()


def test_clients_and_other_agencies_find_nothing(
    repeating: Repeating, in_northwind: CurrentAgency, hugo: Account
) -> None:
    other = visit_console(in_northwind, hugo)
    assert other.get(at(repeating)).status_code == 404
    assert other.post(at(repeating, "end/")).status_code == 404
    repeating.refresh_from_db()
    assert repeating.state == RepeatingState.ACTIVE


def test_the_next_day_is_shown(console: Visitor, tom: Client) -> None:
    later = current_agency().today() + timedelta(days=5)
    console.post("/invoices/repeating/new/", typed(tom, next_on=str(later)))
    assert f"{later:%b %Y}" in page(console.get("/invoices/repeating/"))

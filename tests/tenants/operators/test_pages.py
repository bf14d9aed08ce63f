"""Operators see every agency from outside; nobody else sees that the pages exist."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client as Browser

from kit import clock
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.operators.models import Entry
from tenants.plans import Plan
from tests.cast import console_browser, platform_browser, portal_browser

REASON = "Asked by mail on Monday"


def second_factor(account: Account) -> None:
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "x"})


@pytest.fixture
def olga(db: None) -> Account:
    """One of us."""
    account = Account.objects.create_user("olga@portico.example", None, name="Olga", is_operator=True)
    second_factor(account)
    return account


@pytest.fixture
def desk(olga: Account) -> Browser:
    """Olga's browser."""
    return console_browser(olga)


def act(desk: Browser, agency: CurrentAgency, what: str, **answers: object) -> int:
    names = {f"{what}-{key}": value for key, value in ({"reason": REASON} | answers).items()}
    return desk.post(f"/operators/agencies/{agency.id}/{what}/", names).status_code


def test_an_operator_finds_agencies_by_name_plan_and_state(
    desk: Browser, northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    page = desk.get("/operators/").content.decode()
    assert "Northwind Studio" in page and "Harbour" in page
    for query in ("q=north", "plan=2", "q=NORTHW&plan=2&state=active"):
        page = desk.get(f"/operators/?{query}").content.decode()
        assert "Northwind Studio" in page and "Harbour" not in page
    for query in ("q=%00", "plan=x", "plan=99", "state=x", "page=-1", "page=x", "q=" + "x" * 500):
        assert desk.get(f"/operators/?{query}").status_code == 200


def test_a_change_of_plan_needs_a_reason_and_is_logged(
    desk: Browser, olga: Account, northwind: CurrentAgency
) -> None:
    assert act(desk, northwind, "plan", plan=3, reason="") == 200
    assert Agency.objects.get(pk=northwind.id).plan == Plan.GROWTH and not Entry.objects.exists()
    assert act(desk, northwind, "plan", plan=3) == 302
    assert Agency.objects.get(pk=northwind.id).plan == Plan.SCALE
    entry = Entry.objects.get()
    assert (entry.operator, entry.before, entry.after, entry.reason) == (
        olga.email, "Growth", "Scale", REASON,
    )  # fmt: skip
    assert REASON in desk.get(f"/operators/agencies/{northwind.id}/").content.decode()
    assert REASON in desk.get("/operators/log/").content.decode()


def test_a_change_of_state_counts_at_once(desk: Browser, northwind: CurrentAgency) -> None:
    assert act(desk, northwind, "state", state="read_only") == 302
    assert Agency.objects.get(pk=northwind.id).current().is_read_only


@pytest.mark.parametrize("state", ["gone", "", "x", "trial"])
def test_what_is_no_state_to_move_to_is_refused(desk: Browser, northwind: CurrentAgency, state: str) -> None:
    assert act(desk, northwind, "state", state=state) == 200
    assert Agency.objects.get(pk=northwind.id).state == AgencyState.ACTIVE


def test_a_trial_is_made_longer_also_after_its_end(desk: Browser, northwind: CurrentAgency) -> None:
    Agency.objects.update(state=AgencyState.READ_ONLY, trial_ends_at=clock.now() - timedelta(days=5))
    assert act(desk, northwind, "trial", days=7) == 302
    agency = Agency.objects.get(pk=northwind.id)
    assert agency.state == AgencyState.TRIAL
    assert agency.trial_ends_at and timedelta(6) < agency.trial_ends_at - clock.now() <= timedelta(7)
    for days in (0, 91, 90, "x"):
        assert act(desk, northwind, "trial", days=days) == 200


def test_the_log_cannot_be_rewritten(desk: Browser, northwind: CurrentAgency) -> None:
    act(desk, northwind, "plan", plan=3)
    rewrites: list[Callable[[], object]] = [
        lambda: Entry.objects.update(reason="other"),
        lambda: Entry.objects.all().delete(),
    ]
    for rewrite in rewrites:
        with pytest.raises(DatabaseError), transaction.atomic():
            rewrite()


@pytest.mark.parametrize("path", ["/operators/", "/operators/log/", "/operators/agencies/1/"])
def test_to_everybody_else_the_pages_do_not_exist(
    alice: Account, northwind: CurrentAgency, path: str
) -> None:
    second_factor(alice)
    for browser in (console_browser(), console_browser(alice), platform_browser(), portal_browser(northwind)):
        assert browser.get(path).status_code in (302, 404)
    assert console_browser(alice).get(path).status_code == 404
    assert console_browser().get(path).status_code == 404


def test_staff_cannot_act_as_operators(alice: Account, northwind: CurrentAgency) -> None:
    assert act(console_browser(alice), northwind, "plan", plan=3) == 404
    assert Agency.objects.get(pk=northwind.id).plan == Plan.GROWTH


def test_an_operator_without_a_second_step_is_sent_to_set_one_up(olga: Account) -> None:
    Authenticator.objects.all().delete()
    assert console_browser(olga).get("/operators/")["Location"] == "/accounts/2fa/"


def test_unknown_agencies_are_404(desk: Browser) -> None:
    for number in ("0", "999999", "9" * 30, "9" * 5000):
        assert desk.get(f"/operators/agencies/{number}/").status_code == 404
    assert desk.post("/operators/agencies/999999/plan/").status_code == 404
    assert desk.get("/operators/agencies/1/plan/").status_code == 405


def test_an_operators_page_reads_no_agencys_schema(
    desk: Browser, northwind: CurrentAgency, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        desk.get(f"/operators/agencies/{northwind.id}/")


def test_make_operator_makes_one(alice: Account) -> None:
    call_command("make_operator", alice.email.upper())
    call_command("make_operator", "new@portico.example")
    assert set(Account.objects.filter(is_operator=True).values_list("email", flat=True)) == {
        alice.email, "new@portico.example",
    }  # fmt: skip
    assert Entry.objects.filter(verb="operator").count() == 2
    with pytest.raises(CommandError):
        call_command("make_operator", "nonsense")

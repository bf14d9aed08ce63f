"""From sign-up into the console: once, within a minute, in the same browser, by POST."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client as Browser

from kit import clock
from kit.tokens import digest
from tenants.accounts.hand_over import offer
from tenants.accounts.models import Account, HandOver
from tests.cast import console_browser
from tests.tenants.signup.walking import named

NORA = "nora@lind.example"


@pytest.fixture
def nora(db: None) -> tuple[Browser, Browser]:
    """Nora's one browser on two hosts, with her portal just made. (The test client keeps cookies by host.)"""
    apex = named(NORA)
    assert apex.post("/start/plan/", {"plan": 2})["Location"] == "/start/ready/"
    return apex, console_browser()


def ticket(apex: Browser, console: Browser) -> str:
    """The console's path with the code in it, reached by both redirects."""
    state = console.get("/accounts/enter/")["Location"]
    assert state.startswith("http://localhost/start/enter/?state=")
    back = apex.get(state.removeprefix("http://localhost"))["Location"]
    assert back.startswith("http://app.localhost/accounts/enter/")
    return back.removeprefix("http://app.localhost")


def is_signed_in(console: Browser) -> bool:
    return console.get("/accounts/").status_code == 200


def test_one_button_leads_into_the_console(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    path = ticket(apex, console)
    page = console.get(path)
    assert page.status_code == 200 and page["Referrer-Policy"] == "no-referrer"
    assert not is_signed_in(console)  # looking does not sign in
    assert console.post(path)["Location"] == "/lind/"
    assert is_signed_in(console)


def test_a_code_works_once(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    path = ticket(apex, console)
    state = console.cookies["enter"].value
    assert console.post(path).status_code == 302
    again = console_browser()
    again.cookies["enter"] = state
    assert again.post(path).status_code == 410
    assert not is_signed_in(again)


def test_a_code_is_worth_nothing_in_another_browser(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    path = ticket(apex, console)
    charlie = console_browser()
    assert charlie.post(path).status_code == 410
    charlie.get("/accounts/enter/")  # with a secret of his own
    assert charlie.post(path).status_code == 410
    assert not is_signed_in(charlie)
    assert console.post(path).status_code == 302


def test_a_code_ends_after_a_minute(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    path = ticket(apex, console)
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert console.post(path).status_code == 410
    assert not is_signed_in(console)


def test_a_newer_code_ends_the_older(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    first, second = ticket(apex, console), ticket(apex, console)
    assert console.post(first).status_code == 410
    assert console.post(second).status_code == 302


def test_a_browser_that_did_not_sign_up_gets_no_code(nora: tuple[Browser, Browser]) -> None:
    from tests.cast import platform_browser

    answer = platform_browser().get("/start/enter/?state=" + digest("charlie"))
    assert answer["Location"] == "http://app.localhost/accounts/login/"
    assert not HandOver.objects.exists()


def test_half_an_hour_later_one_signs_in_as_always(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        state = console.get("/accounts/enter/")["Location"].removeprefix("http://localhost")
        assert apex.get(state)["Location"] == "http://app.localhost/lind/"
    assert not HandOver.objects.exists()


def test_a_second_factor_is_not_gone_around(nora: tuple[Browser, Browser]) -> None:
    apex, console = nora
    account = Account.objects.get(email=NORA)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert "/accounts/enter/" not in apex.get("/start/ready/").content.decode()
    state = console.get("/accounts/enter/")["Location"].removeprefix("http://localhost")
    assert apex.get(state)["Location"] == "http://app.localhost/lind/"


def test_only_hashes_are_stored(alice: Account) -> None:
    code = offer(alice, state_hash=digest("secret"), path="/northwind/")
    assert code not in repr(vars(HandOver.objects.get()))

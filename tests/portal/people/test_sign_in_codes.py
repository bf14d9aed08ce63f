"""The 6-digit code, and Charlie, who tries what is not his."""

import pytest
from django.conf import settings
from django.core import mail

from kit import clock
from portal.people import sessions
from portal.people.models import Client, ClientSession, SignInLink
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.signing_in import (
    ask,
    ask_and_read,
    is_in,
    session_token,
    wrong,
)
from tests.running_jobs import run_jobs

MARIA = "maria@client.example"


def test_the_code_signs_in_where_one_asked(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA, next="/profile/sessions/")
    assert MARIA.encode() in browser.get("/sign-in/sent/").content
    spaced = f" {letter.code[:3]} {letter.code[3:]} "
    assert browser.post("/sign-in/sent/", {"code": spaced})["Location"] == "/profile/sessions/"
    assert is_in(browser)


def test_five_wrong_codes_kill_link_and_code(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    for _ in range(5):
        assert browser.post("/sign-in/sent/", {"code": wrong(letter.code)}).status_code == 422
    assert browser.post("/sign-in/sent/", {"code": letter.code}).status_code == 422
    assert browser.post(letter.path).status_code == 410
    assert not is_in(browser)


def test_the_fifth_try_may_be_right(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    for _ in range(4):
        browser.post("/sign-in/sent/", {"code": wrong(letter.code)})
    assert browser.post("/sign-in/sent/", {"code": letter.code}).status_code == 302
    assert is_in(browser)


def test_the_code_alone_is_worth_nothing_elsewhere(northwind: CurrentAgency, maria: Client) -> None:
    letter = ask_and_read(portal_browser(northwind), MARIA)
    charlies = portal_browser(northwind)
    ask(charlies, "stranger@nowhere.example")
    assert charlies.post("/sign-in/sent/", {"code": letter.code}).status_code == 422
    assert not is_in(charlies)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00" * 6, "9" * 5000])
def test_what_is_no_code_is_a_field_error(northwind: CurrentAgency, maria: Client, code: str) -> None:
    browser = portal_browser(northwind)
    ask(browser, MARIA)
    answer = browser.post("/sign-in/sent/", {"code": code})
    assert answer.status_code == 422 and b"field__error" in answer.content


@pytest.mark.parametrize(
    "email", ["", "maria", "a@b", "x" * 300 + "@client.example", "a\x00b@client.example"]
)
def test_what_is_no_address_is_a_field_error(northwind: CurrentAgency, email: str) -> None:
    answer = portal_browser(northwind).post("/sign-in/", {"email": email})
    assert answer.status_code == 422 and b"field__error" in answer.content


# --- Charlie -----------------------------------------------------------------------------------------------


def test_charlie_cannot_use_marias_link_without_her_mail(northwind: CurrentAgency, maria: Client) -> None:
    letter = ask_and_read(portal_browser(northwind), MARIA)
    charlies = portal_browser(northwind)
    assert charlies.post(letter.path).status_code == 409
    assert not is_in(charlies)


def test_link_code_and_session_do_not_work_at_another_agency(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    there = portal_browser(harbour)
    for name, morsel in browser.cookies.items():
        there.cookies[name] = morsel.value
    assert there.get(letter.path).status_code == 410
    assert there.post(letter.path).status_code == 410
    assert there.post("/sign-in/sent/", {"code": letter.code}).status_code == 422
    browser.post(letter.path)
    there.cookies[settings.CLIENT_COOKIE_NAME] = session_token(browser)
    assert not is_in(there)
    assert is_in(browser)


def test_the_same_address_in_two_agencies_is_two_people(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    with inside(harbour):
        Client.objects.create(email=MARIA, name="Maria of Harbour")
    ask(portal_browser(harbour), MARIA)
    ask(portal_browser(northwind), MARIA)
    assert [m.subject for m in mail.outbox] == ["Sign in to Harbour & Co", "Sign in to Northwind Studio"]
    with inside(harbour):
        assert SignInLink.objects.count() == 1


def test_a_removed_client_is_out_at_the_next_request(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    browser.post(ask_and_read(browser, MARIA).path)
    assert is_in(browser)
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert not is_in(browser)


def test_ended_sessions_stay_ended_when_access_comes_back(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    browser.post(ask_and_read(browser, MARIA).path)
    with inside(northwind):
        assert sessions.end_all(maria) == 1
    assert not is_in(browser)


def test_access_removed_between_mail_and_press(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert browser.post(letter.path).status_code == 410
    with inside(northwind):
        assert not ClientSession.objects.exists()
        Client.objects.filter(pk=maria.pk).update(removed_at=None)


def test_access_removed_between_asking_and_mail(northwind: CurrentAgency, maria: Client) -> None:
    portal_browser(northwind).post("/sign-in/", {"email": MARIA})
    run_jobs(limit=1)
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    run_jobs()
    assert mail.outbox == []

"""Magic links: asked for, mailed, redeemed once, by the browser that asked."""

import re

import time_machine
from django.core import mail

from kit.tokens import digest
from portal.mail.models import Message
from portal.people.models import Client, ClientSession, SignInLink
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.signing_in import (
    ask_and_read,
    is_in,
    last_mail,
    session_token,
)
from tests.running_jobs import run_jobs

MARIA = "maria@client.example"


def test_maria_signs_in_with_one_press(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    assert letter.to == MARIA and letter.subject == "Sign in to Northwind Studio"
    assert "Chrome on Mac" in letter.text
    page = browser.get(letter.path)
    assert page.status_code == 200 and b"<button" in page.content
    answer = browser.post(letter.path)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(browser)
    with inside(northwind):
        assert ClientSession.objects.get(client=maria).device


def test_the_address_is_found_whatever_its_case(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, " Maria@Client.EXAMPLE ")
    browser.post(letter.path)
    assert is_in(browser)


def test_the_page_someone_wanted_is_kept(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    sent_to = browser.get("/profile/sessions/?x=1")
    assert sent_to["Location"] == "/sign-in/?next=%2Fprofile%2Fsessions%2F%3Fx%3D1"
    form = browser.get(sent_to["Location"])
    assert b'name="next" value="/profile/sessions/?x=1"' in form.content
    letter = ask_and_read(browser, MARIA, next="/profile/sessions/?x=1")
    assert browser.post(letter.path)["Location"] == "/profile/sessions/?x=1"


def test_opening_the_link_uses_nothing_up(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    for _ in range(3):
        assert browser.get(letter.path).status_code == 200
        assert browser.head(letter.path).status_code == 200
    assert browser.post(letter.path).status_code == 302


def test_a_link_works_once(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    kept = dict(browser.cookies)
    browser.post(letter.path)
    again = portal_browser(northwind)
    again.cookies["browser"] = kept["browser"].value
    assert again.post(letter.path).status_code == 410
    assert not is_in(again)
    assert again.post("/sign-in/sent/", {"code": letter.code}).status_code == 302
    assert not is_in(again)


def test_a_double_click_leads_on(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA, next="/profile/sessions/")
    browser.post(letter.path)
    assert browser.post(letter.path)["Location"] == "/profile/sessions/"
    assert browser.get(letter.path)["Location"] == "/profile/sessions/"


def test_a_used_code_does_not_work_again(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    kept = {name: morsel.value for name, morsel in browser.cookies.items()}
    assert browser.post("/sign-in/sent/", {"code": letter.code}).status_code == 302
    other = portal_browser(northwind)
    for name in ("browser", "asked"):
        other.cookies[name] = kept[name]
    assert other.post("/sign-in/sent/", {"code": letter.code}).status_code == 422
    assert other.post(letter.path).status_code == 410
    assert not is_in(other)


def test_after_ten_minutes_it_is_over(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        letter = ask_and_read(browser, MARIA)
        now.shift(10 * 60 - 1)
        assert browser.get(letter.path).status_code == 200
        now.shift(1)
        assert browser.get(letter.path).status_code == 410
        assert browser.post(letter.path).status_code == 410
        assert browser.post("/sign-in/sent/", {"code": letter.code}).status_code == 422
        assert not is_in(browser)


def test_a_newer_link_kills_the_older(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    older = ask_and_read(browser, MARIA)
    newer = ask_and_read(browser, MARIA)
    assert older.path != newer.path
    assert browser.post(older.path).status_code == 410
    assert browser.post("/sign-in/sent/", {"code": older.code}).status_code in (302, 422)
    assert not is_in(browser) or older.code == newer.code
    assert browser.post(newer.path).status_code == 302


def test_of_two_waiting_requests_only_the_newer_is_mailed(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    browser.post("/sign-in/", {"email": MARIA})
    browser.post("/sign-in/", {"email": MARIA})
    run_jobs()
    assert len(mail.outbox) == 1
    assert browser.post(last_mail().path).status_code == 302


def test_only_hashes_are_stored(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    token = letter.path.split("/")[2]
    assert len(token) >= 43  # 256 bits, URL-safe base64
    with inside(northwind):
        link = SignInLink.objects.get()
        assert link.token_hash == digest(token)
        stored = " ".join(str(v) for row in SignInLink.objects.values() for v in row.values())
        stored += " ".join(str(v) for row in Message.objects.values() for v in row.values())
    secrets = [token, letter.code, browser.cookies["browser"].value]
    browser.post(letter.path)
    with inside(northwind):
        stored += " ".join(str(v) for row in ClientSession.objects.values() for v in row.values())
    for secret in (*secrets, session_token(browser)):
        assert not re.search(rf"\b{re.escape(secret)}\b", stored)


def test_a_mail_that_could_not_leave_for_an_hour_is_dropped(northwind: CurrentAgency, maria: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        portal_browser(northwind).post("/sign-in/", {"email": MARIA})
        run_jobs(limit=1)
        now.shift(3601)
        run_jobs()
    assert mail.outbox == []
    with inside(northwind):
        assert Message.objects.get().state == Message.State.DROPPED


def test_the_ten_minutes_begin_when_the_mail_leaves(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        browser.post("/sign-in/", {"email": MARIA})
        now.shift(20 * 60)
        run_jobs()
        now.shift(9 * 60)
        assert browser.post(last_mail().path).status_code == 302

"""Magic links: asked for, mailed, redeemed once, by the browser that asked."""

import re

import pytest
import time_machine
from django.conf import settings
from django.core import mail

from kit import clock
from kit.tokens import digest
from portal.mail.models import Message
from portal.people import sessions
from portal.people.models import Client, ClientSession, SignInLink
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.signing_in import (
    ask,
    ask_and_read,
    is_in,
    last_mail,
    session_token,
    wrong,
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


# --- codes -------------------------------------------------------------------------------------------------


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


# --- cookies and addresses ---------------------------------------------------------------------------------


def test_cookies_are_bound_to_host_and_out_of_reach_of_scripts(
    northwind: CurrentAgency, maria: Client, settings: object
) -> None:
    settings.IS_HTTPS = True  # type: ignore[attr-defined]
    settings.CLIENT_COOKIE_NAME = "__Host-session"  # type: ignore[attr-defined]
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    browser.post(letter.path)
    seen = dict(browser.cookies)
    for name in ("__Host-session", "__Host-browser", "__Host-asked"):
        cookie = seen[name]
        assert cookie["path"] == "/" and not cookie["domain"]
        assert cookie["samesite"] == "Lax"
    assert seen["__Host-session"]["httponly"] and seen["__Host-session"]["secure"]


def test_cookies_of_asking_are_httponly_and_secure(northwind: CurrentAgency, settings: object) -> None:
    settings.IS_HTTPS = True  # type: ignore[attr-defined]
    browser = portal_browser(northwind)
    browser.post("/sign-in/", {"email": MARIA})
    for name in ("__Host-browser", "__Host-asked"):
        assert browser.cookies[name]["httponly"] and browser.cookies[name]["secure"]


def test_a_session_is_always_a_new_one(northwind: CurrentAgency, maria: Client, tom: Client) -> None:
    browser = portal_browser(northwind, tom)
    toms = session_token(browser)
    planted = portal_browser(northwind)
    planted.cookies[settings.CLIENT_COOKIE_NAME] = "planted-by-somebody-else"
    letter = ask_and_read(planted, MARIA)
    planted.post(letter.path)
    assert session_token(planted) not in ("", "planted-by-somebody-else", toms)
    with inside(northwind):
        assert not ClientSession.objects.filter(token_hash=digest("planted-by-somebody-else")).exists()


def test_signing_in_ends_the_session_one_was_in(northwind: CurrentAgency, maria: Client, tom: Client) -> None:
    asked = portal_browser(northwind)
    letter = ask_and_read(asked, MARIA)
    browser = portal_browser(northwind, tom)
    browser.cookies["browser"] = asked.cookies["browser"].value
    browser.post(letter.path)
    with inside(northwind):
        assert ClientSession.objects.live().get().client_id == maria.pk


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\x00/evil.example",
        "/\u2028/evil.example",
        "/\u200b/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:evil.example",
        "https:/evil.example",
        "evil.example",
        "@evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/x/../../evil.example",
        "/%5cevil.example\\",
        "//evil.example@northwind.localhost/",
        "/sign-out/",
        "/sign-in/?next=//evil.example",
        "/enter/token/",
        "?next=//evil.example",
        "/" + "x" * 600,
    ],
)
def test_no_open_redirect(northwind: CurrentAgency, maria: Client, wanted: str) -> None:
    browser = portal_browser(northwind)
    assert b"evil" not in browser.get("/sign-in/", {"next": wanted}).content
    letter = ask_and_read(browser, MARIA, next=wanted)
    assert browser.post(letter.path)["Location"] == "/"
    assert browser.get("/sign-in/", {"next": wanted})["Location"] == "/"


def test_the_link_page_tells_nobody_its_address(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    for page in (
        browser.get(letter.path),
        portal_browser(northwind).get(letter.path),
        browser.get("/enter/no-such-token/"),
        browser.post(letter.path),
    ):
        assert page["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page["Cache-Control"]
    text = portal_browser(northwind).get(letter.path).content.decode()
    assert '<meta name="referrer" content="no-referrer">' in text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


def test_the_platform_does_not_show(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    pages = [
        browser.get(path).content
        for path in ("/sign-in/", "/sign-in/sent/", "/sign-in/password/", letter.path)
    ]
    assert all(b"portico" not in page.lower() for page in pages)
    assert "portico" not in (mail.outbox[0].body + str(mail.outbox[0].alternatives[0])).lower()

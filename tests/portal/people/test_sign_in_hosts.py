"""Cookies, sessions and addresses: bound to the host, leading nowhere else, telling nobody."""

import re

import pytest
from django.conf import settings
from django.core import mail

from kit.tokens import digest
from portal.people.models import Client, ClientSession
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import host_browser, portal_browser
from tests.portal.people.signing_in import (
    ask_and_read,
    is_in,
    session_token,
)

MARIA = "maria@client.example"


def test_cookies_are_bound_to_host_and_out_of_reach_of_scripts(
    northwind: CurrentAgency, maria: Client, settings: object
) -> None:
    settings.IS_HTTPS = True  # type: ignore[attr-defined]
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


def test_over_tls_cookies_are_bound_whatever_the_platforms_scheme(northwind: CurrentAgency) -> None:
    browser = host_browser(northwind.host, is_https=True)
    page = browser.post("/sign-in/", {"email": MARIA})
    assert set(page.cookies) == {"__Host-browser", "__Host-asked"}
    assert "__Host-csrf" in browser.get("/sign-in/password/").cookies
    for cookie in browser.cookies.values():
        assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"]
    assert browser.get("/sign-in/sent/").status_code == 200  # and they are found again


def test_over_tls_a_cookie_that_a_neighbour_planted_is_not_seen(
    northwind: CurrentAgency, maria: Client
) -> None:
    browser = host_browser(northwind.host, is_https=True)
    token = session_token(portal_browser(northwind, maria))
    browser.cookies["session"] = token
    assert not is_in(browser)
    browser.cookies["__Host-session"] = token
    assert is_in(browser)


def test_signing_out_takes_the_bound_cookie_away(northwind: CurrentAgency, maria: Client) -> None:
    browser = host_browser(northwind.host, is_https=True)
    browser.cookies["__Host-session"] = session_token(portal_browser(northwind, maria))
    gone = browser.post("/sign-out/").cookies["__Host-session"]
    assert gone["secure"] and gone["max-age"] == 0 and gone.value == ""


def test_forms_over_tls_are_checked_against_the_bound_cookie(northwind: CurrentAgency) -> None:
    browser = host_browser(northwind.host, is_https=True)
    browser.handler.enforce_csrf_checks = True
    origin = {"origin": f"https://{northwind.host}"}
    form = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/sign-in/").content)
    assert form
    fields = {"email": MARIA, "csrfmiddlewaretoken": form[1].decode()}
    assert browser.post("/sign-in/", fields, headers=origin).status_code == 302
    assert browser.post("/sign-in/", fields, headers={"origin": "https://evil.example"}).status_code == 403
    browser.cookies["csrf"] = browser.cookies.pop("__Host-csrf").value
    assert browser.post("/sign-in/", fields, headers=origin).status_code == 403


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
        "/confirm-email/token/",
        "/undo-email/token/",
        "/arrive/?next=/arrive/",
        "/leave/",
        "/no/such/page/",
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
    message = mail.outbox[0]
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert "portico" not in (str(message.body) + str(message.alternatives[0])).lower()

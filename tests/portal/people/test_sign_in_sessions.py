"""Sessions: listed, ended, fresh, and never longer than they may be; the optional password."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser

from portal.audit.models import AuditEntry
from portal.people import sessions
from portal.people.devices import describe
from portal.people.models import Client, ClientSession
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.routing import hosts
from tests.cast import portal_browser
from tests.portal.people.signing_in import MAC, ask_and_read, is_in, last_mail
from tests.running_jobs import run_jobs

PASSWORD = "a long enough secret"
OWN_PAGES = ("/profile/sessions/", "/profile/password/", "/profile/passkeys/", "/sign-in/again/")


def _sessions(agency: CurrentAgency, client: Client) -> list[ClientSession]:
    with inside(agency):
        return list(ClientSession.objects.live().filter(client=client).order_by("pk"))


def _stale(agency: CurrentAgency, client: Client) -> None:
    with inside(agency):
        past = ClientSession.objects.get(client=client).fresh_at - timedelta(minutes=16)
        ClientSession.objects.filter(client=client).update(fresh_at=past)


@pytest.mark.parametrize("path", OWN_PAGES)
def test_these_pages_ask_who_it_is(northwind: CurrentAgency, path: str) -> None:
    answer = portal_browser(northwind).get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=" + path.replace("/", "%2F"))


def test_signing_out_ends_the_session(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    assert browser.get("/sign-out/")["Location"] == "/"
    assert is_in(browser)
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert not _sessions(northwind, maria)
    assert b"You are signed out" in browser.get("/sign-in/").content
    assert browser.post("/sign-out/").status_code == 302


def test_the_list_names_devices_and_this_one(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, maria.email)
    browser.post(letter.path, headers={"user-agent": MAC})
    portal_browser(northwind, maria)
    text = browser.get("/profile/sessions/").content.decode()
    assert "Chrome on Mac" in text and text.count("This device") == 1
    assert "127.0.0.1" in text and text.count("list__row") == 2


def test_maria_ends_one_of_her_sessions(northwind: CurrentAgency, maria: Client) -> None:
    here, there = portal_browser(northwind, maria), portal_browser(northwind, maria)
    _, other = _sessions(northwind, maria)
    answer = here.post(f"/profile/sessions/{other.pk}/end/")
    assert answer["Location"] == "/profile/sessions/"
    assert is_in(here) and not is_in(there)
    assert here.post(f"/profile/sessions/{other.pk}/end/").status_code == 404


def test_ending_this_session_signs_out(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    (own,) = _sessions(northwind, maria)
    assert browser.post(f"/profile/sessions/{own.pk}/end/")["Location"] == "/sign-in/"
    assert not is_in(browser)


def test_charlie_cannot_end_marias_session(northwind: CurrentAgency, maria: Client, charlie: Client) -> None:
    marias, charlies = portal_browser(northwind, maria), portal_browser(northwind, charlie)
    (own,) = _sessions(northwind, maria)
    foreign = charlies.post(f"/profile/sessions/{own.pk}/end/")
    missing = charlies.post("/profile/sessions/987654/end/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert is_in(marias)


def test_sign_out_everywhere_means_everywhere(
    northwind: CurrentAgency, maria: Client, charlie: Client
) -> None:
    browsers = [portal_browser(northwind, maria) for _ in range(3)]
    charlies = portal_browser(northwind, charlie)
    assert browsers[0].post("/profile/sessions/all/end/")["Location"] == "/sign-in/"
    assert not any(is_in(browser) for browser in browsers)
    assert is_in(charlies)


def test_a_session_ends_after_thirty_days_and_after_two_idle_weeks(
    northwind: CurrentAgency, maria: Client
) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        idle, busy = portal_browser(northwind, maria), portal_browser(northwind, maria)
        for _ in range(2):
            now.shift(timedelta(days=13))
            hosts.forget_all()
            assert is_in(busy)
        assert not is_in(idle)
        now.shift(timedelta(days=4))
        assert not is_in(busy)


def test_signing_in_works_while_the_agency_is_read_only(northwind: CurrentAgency, maria: Client) -> None:
    Agency.objects.filter(slug="northwind").update(state=AgencyState.READ_ONLY)
    hosts.forget_all()
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, maria.email)
    assert browser.post(letter.path).status_code == 302 and is_in(browser)
    assert browser.post("/sign-out/").status_code == 302 and not is_in(browser)


def test_every_sign_in_is_recorded(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    browser.post(ask_and_read(browser, maria.email).path)
    with inside(northwind):
        entry = AuditEntry.objects.get(verb="people.signed_in")
    assert entry.actor_id == maria.pk and entry.summary.startswith("Signed in by mail link") and entry.address


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (MAC, "Chrome on Mac"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("<script>alert(1)</script>", "an unknown device"),
        ("", "an unknown device"),
    ],
)
def test_devices_in_words(user_agent: str, words: str) -> None:
    assert describe(user_agent) == words


# --- fresh proof -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/profile/password/", "/profile/passkeys/"])
def test_after_fifteen_minutes_a_proof_is_asked(northwind: CurrentAgency, maria: Client, path: str) -> None:
    browser = portal_browser(northwind, maria)
    assert browser.get(path).status_code == 200
    _stale(northwind, maria)
    for answer in (browser.get(path), browser.post(path, {"password": PASSWORD, "again": PASSWORD})):
        assert answer["Location"] == "/sign-in/again/?next=" + path.replace("/", "%2F")
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).password == ""


def test_the_mailed_code_is_a_proof(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    _stale(northwind, maria)
    answer = browser.post("/sign-in/again/mail/", {"next": "/profile/password/"})
    assert answer["Location"] == "/sign-in/again/?next=%2Fprofile%2Fpassword%2F&sent=1"
    run_jobs()
    page = browser.get(answer["Location"])
    assert b'name="code"' in page.content
    fields = {"code": last_mail().code, "next": "/profile/password/"}
    assert browser.post("/sign-in/again/", fields)["Location"] == "/profile/password/"
    assert browser.get("/profile/password/").status_code == 200
    assert len(_sessions(northwind, maria)) == 1
    assert browser.post("/sign-in/again/", fields).status_code == 422


def test_charlies_code_is_no_proof_of_maria(northwind: CurrentAgency, maria: Client, charlie: Client) -> None:
    """Charlie sits at Maria's unlocked laptop and asks for his own mail in her browser."""
    browser = portal_browser(northwind, maria)
    charlies = portal_browser(northwind)
    letter = ask_and_read(charlies, charlie.email)
    browser.cookies["browser"] = charlies.cookies["browser"].value
    _stale(northwind, maria)
    assert browser.post("/sign-in/again/", {"code": letter.code}).status_code == 422
    assert browser.get("/profile/password/").status_code == 302


def test_a_proof_leads_nowhere_else(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    with inside(northwind):
        maria.set_password(PASSWORD)
        maria.save(update_fields=["password"])
    for wanted in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = browser.post("/sign-in/again/password/", {"password": PASSWORD, "next": wanted})
        assert answer["Location"] == "/profile/"


# --- password ----------------------------------------------------------------------------------------------


def _set_password(browser: Browser, password: str = PASSWORD) -> int:
    fields = {"password": password, "again": password}
    return browser.post("/profile/password/", fields).status_code


def _sign_in(agency: CurrentAgency, email: str, password: str, **fields: str) -> Browser:
    browser = portal_browser(agency)
    browser.post("/sign-in/password/", {"email": email, "password": password, **fields})
    return browser


def test_maria_sets_uses_changes_and_removes_a_password(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    assert not is_in(_sign_in(northwind, maria.email, ""))
    assert _set_password(browser) == 302
    elsewhere = _sign_in(northwind, maria.email.upper(), PASSWORD)
    assert is_in(elsewhere) and is_in(browser)
    assert _set_password(browser, PASSWORD + "!") == 302
    assert is_in(browser) and not is_in(elsewhere)
    assert not is_in(_sign_in(northwind, maria.email, PASSWORD))
    assert browser.post("/profile/password/removal/").status_code == 302
    assert not is_in(_sign_in(northwind, maria.email, PASSWORD + "!"))
    run_jobs()
    assert [m.subject for m in mail.outbox] == [
        f"The password was {what} – Northwind Studio" for what in ("set", "changed", "removed")
    ]


@pytest.mark.parametrize("password", ["short", "password123", "maria@client.example", "", "  "])
def test_a_weak_password_is_a_field_error(northwind: CurrentAgency, maria: Client, password: str) -> None:
    assert _set_password(portal_browser(northwind, maria), password) == 422
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).password == ""


def test_two_different_passwords_are_a_field_error(northwind: CurrentAgency, maria: Client) -> None:
    fields = {"password": PASSWORD, "again": PASSWORD + "x"}
    answer = portal_browser(northwind, maria).post("/profile/password/", fields)
    assert answer.status_code == 422 and b"not the same" in answer.content


def test_a_password_keeps_the_page_and_refuses_other_hosts(northwind: CurrentAgency, maria: Client) -> None:
    _set_password(portal_browser(northwind, maria))
    for wanted, leads_to in (("/profile/sessions/", "/profile/sessions/"), ("//evil.example", "/")):
        fields = {"email": maria.email, "password": PASSWORD, "next": wanted}
        assert portal_browser(northwind).post("/sign-in/password/", fields)["Location"] == leads_to


def test_a_password_of_northwind_opens_nothing_at_harbour(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    _set_password(portal_browser(northwind, maria))
    with inside(harbour):
        Client.objects.create(email=maria.email, name="Maria of Harbour")
    assert not is_in(_sign_in(harbour, maria.email, PASSWORD))


def test_signed_in_people_skip_the_forms(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind, maria)
    for path in ("/sign-in/", "/sign-in/password/"):
        assert browser.get(path, {"next": "/profile/sessions/"})["Location"] == "/profile/sessions/"
    assert browser.get("/sign-in/sent/")["Location"] == "/"
    assert browser.get("/enter/no-such-token/").status_code == 410


def test_end_all_can_spare_one(northwind: CurrentAgency, maria: Client) -> None:
    here, there = portal_browser(northwind, maria), portal_browser(northwind, maria)
    own, _ = _sessions(northwind, maria)
    with inside(northwind):
        assert sessions.end_all(maria, but=own) == 1
    assert is_in(here) and not is_in(there)

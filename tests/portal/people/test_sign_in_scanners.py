"""Mail scanners open everything, press some buttons, and must change nothing."""

import re

from django.core import mail
from django.test import Client as Browser

from portal.audit.models import AuditEntry
from portal.people.models import Client, SignInLink
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.signing_in import ask_and_read, is_in, last_mail, wrong
from tests.running_jobs import run_jobs

MARIA = "maria@client.example"


def _scans(agency: CurrentAgency) -> int:
    with inside(agency):
        return AuditEntry.objects.filter(verb="people.link_scanned").count()


def _proof(browser: Browser, path: str) -> str:
    found = re.search(r'name="proof" value="(\w+)"', browser.get(path).content.decode())
    assert found
    return found[1]


def test_a_scanner_that_tries_everything_uses_nothing_up(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    scanner = Browser(headers={"host": northwind.host}, enforce_csrf_checks=True)
    for _ in range(3):
        bare = Browser(headers={"host": northwind.host}, enforce_csrf_checks=True)
        assert bare.get(letter.path).status_code == 200
        assert bare.head(letter.path).status_code == 200
        assert bare.post(letter.path).status_code == 409
        assert bare.post(letter.path + "new/").status_code == 403
        assert bare.post(letter.path + "code/", {"code": wrong(letter.code)}).status_code == 403
        assert bare.get(letter.path + "new/").status_code == 405
        assert bare.options(letter.path).status_code == 405
        scanner.get(letter.path)
        assert scanner.post(letter.path).status_code == 409
        assert not is_in(bare) and not is_in(scanner)
    assert _scans(northwind) == 1
    assert len(mail.outbox) == 1
    with inside(northwind):
        assert SignInLink.objects.get().code_tries == 0
    assert browser.post(letter.path).status_code == 302


def test_maria_opening_her_own_link_is_no_scan(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    browser.get(letter.path)
    browser.post(letter.path)
    assert _scans(northwind) == 0


def test_a_prefetch_uses_nothing_up_even_with_the_cookie(northwind: CurrentAgency, maria: Client) -> None:
    browser = portal_browser(northwind)
    letter = ask_and_read(browser, MARIA)
    for header in ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"):
        assert browser.get(letter.path, headers={header: "prefetch"}).status_code == 200
        assert browser.post(letter.path, headers={header: "prefetch;prerender"}).status_code == 200
    assert _scans(northwind) == 1
    assert not is_in(browser)
    assert browser.post(letter.path).status_code == 302


def test_what_scans_an_unknown_link_is_not_recorded(northwind: CurrentAgency) -> None:
    assert portal_browser(northwind).get("/enter/no-such-token/").status_code == 410
    assert portal_browser(northwind).get("/enter/%00%ff/").status_code in (404, 410)
    assert _scans(northwind) == 0


def test_on_the_phone_the_code_of_the_same_mail_signs_in(northwind: CurrentAgency, maria: Client) -> None:
    letter = ask_and_read(portal_browser(northwind), MARIA, next="/profile/sessions/")
    phone = portal_browser(northwind)
    typed = {"proof": _proof(phone, letter.path), "code": letter.code}
    assert phone.post(letter.path + "code/", typed)["Location"] == "/profile/sessions/"
    assert is_in(phone)


def test_on_the_phone_too_five_tries_are_all(northwind: CurrentAgency, maria: Client) -> None:
    letter = ask_and_read(portal_browser(northwind), MARIA)
    phone = portal_browser(northwind)
    proof = _proof(phone, letter.path)
    for _ in range(5):
        answer = phone.post(letter.path + "code/", {"proof": proof, "code": wrong(letter.code)})
        assert answer.status_code == 422
    assert phone.post(letter.path + "code/", {"proof": proof, "code": letter.code}).status_code == 410
    assert not is_in(phone)


def test_opened_on_the_phone_the_laptop_gets_in_by_the_code(northwind: CurrentAgency, maria: Client) -> None:
    laptop, phone = portal_browser(northwind), portal_browser(northwind)
    letter = ask_and_read(laptop, MARIA)
    assert b"another device" in phone.get(letter.path).content
    assert laptop.post("/sign-in/sent/", {"code": letter.code}).status_code == 302
    assert is_in(laptop) and not is_in(phone)


def test_one_tap_sends_a_link_for_the_phone(northwind: CurrentAgency, maria: Client) -> None:
    laptop, phone = portal_browser(northwind), portal_browser(northwind)
    letter = ask_and_read(laptop, MARIA, next="/profile/sessions/")
    answer = phone.post(letter.path + "new/", {"proof": _proof(phone, letter.path)})
    assert answer["Location"] == "/sign-in/sent/"
    run_jobs()
    newer = last_mail()
    assert newer.path != letter.path
    assert laptop.post(letter.path).status_code == 410
    assert phone.post(newer.path)["Location"] == "/profile/sessions/"
    assert is_in(phone)


def test_another_site_cannot_sign_maria_in_as_charlie(
    northwind: CurrentAgency, maria: Client, charlie: Client
) -> None:
    """Login CSRF: Charlie has his own link and code, and makes Maria's browser post them."""
    charlies = portal_browser(northwind)
    letter = ask_and_read(charlies, charlie.email)
    marias = portal_browser(northwind)
    marias.post("/sign-in/", {"email": MARIA})
    typed = {"code": letter.code, "proof": _proof(charlies_phone := portal_browser(northwind), letter.path)}
    assert marias.post(letter.path).status_code == 409
    assert marias.post(letter.path + "code/", typed).status_code == 403
    assert not is_in(marias)
    assert charlies_phone.post(letter.path + "code/", typed).status_code == 302


def test_a_scanner_that_presses_every_button_soon_stops(northwind: CurrentAgency, maria: Client) -> None:
    letter = ask_and_read(portal_browser(northwind), MARIA)
    statuses = []
    for _ in range(5):
        scanner = portal_browser(northwind)
        answer = scanner.post(letter.path + "new/", {"proof": _proof(scanner, letter.path)})
        statuses.append(answer.status_code)
        run_jobs()
        letter = last_mail()
    assert statuses == [302, 302, 302, 429, 429]

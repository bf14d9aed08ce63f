"""Staff's login on the console's host: every page is there, codes work, nothing tells who is known."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser

from tenants.accounts.models import Account, Membership
from tenants.agencies.current import CurrentAgency
from tenants.mail.models import Message
from tests.cast import PASSWORD, console_browser, portal_browser
from tests.running_jobs import queued, run_jobs

OPEN_PAGES = [
    "login/", "login/code/", "password/reset/", "password/reset/done/", "password/reset/key/done/",
    "password/reset/key/1-abc/", "inactive/", "3rdparty/login/cancelled/", "3rdparty/login/error/",
]  # fmt: skip
OWN_PAGES = [
    "", "email/", "password/change/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/",
    "2fa/recovery-codes/generate/", "sessions/", "3rdparty/", "logout/", "reauthenticate/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _known_password(db: None, settings: object) -> None:
    cache.clear()
    for account in Account.objects.all():
        account.set_password(PASSWORD)  # by the tests' quick hasher
        account.save()


def log_in(email: str, password: str = PASSWORD) -> Browser:
    browser = console_browser()
    browser.post("/accounts/login/", {"login": email, "password": password})
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/accounts/").status_code == 200


def looks_like_ours(page: str) -> bool:
    """Our layout, and nothing that the content security policy forbids."""
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))", page)
    return "narrow__main" in page and not inline and " style=" not in page and "onclick" not in page


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_every_open_page_is_there_in_our_looks(path: str) -> None:
    answer = console_browser().get(f"/accounts/{path}", follow=True)
    assert answer.status_code in (200, 401) and looks_like_ours(answer.content.decode())


@pytest.mark.parametrize("path", OWN_PAGES)
def test_every_own_page_is_there_in_our_looks(path: str, alice: Account) -> None:
    browser = log_in(alice.email)
    answer = browser.get(f"/accounts/{path}", follow=True)
    assert answer.status_code == 200 and looks_like_ours(answer.content.decode())


@pytest.mark.parametrize("path", OWN_PAGES)
def test_own_pages_ask_for_a_login(path: str) -> None:
    assert console_browser().get(f"/accounts/{path}").status_code == 302


def test_staff_log_in_by_password_and_land_in_their_one_agency(alice: Account) -> None:
    browser = log_in(alice.email)
    assert is_signed_in(browser)
    assert browser.get("/")["Location"] == "/northwind/"


def test_who_belongs_to_two_agencies_chooses(alice: Account, harbour: CurrentAgency) -> None:
    Membership.objects.create(account=alice, agency_id=harbour.id)
    page = console_browser(alice).get("/").content.decode()
    assert 'href="/northwind/"' in page and 'href="/harbour/"' in page


def test_an_operator_finds_the_way_to_the_operators_pages(alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(is_operator=True)
    alice.refresh_from_db()
    assert "/operators/" in console_browser(alice).get("/").content.decode()


def test_who_belongs_to_no_agency_is_offered_to_start_one(db: None) -> None:
    lone = Account.objects.create_user("lone@x.example", None)
    page = console_browser(lone).get("/").content.decode()
    assert "http://localhost/start/" in page


def test_a_code_by_mail_logs_in(alice: Account) -> None:
    browser = console_browser()
    assert browser.post("/accounts/login/code/", {"email": alice.email}).status_code == 302
    assert queued() == ["platform_mail.deliver"]  # nothing was sent in the request
    run_jobs()
    code = re.search(r"^(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code and code.group(1) not in repr(vars(Message.objects.get()))
    assert browser.post("/accounts/login/code/confirm/", {"code": code.group(1)})["Location"] == "/"
    assert is_signed_in(browser)


def test_an_unknown_address_gets_the_same_answers(alice: Account) -> None:
    for path, field in (("login/code/", "email"), ("password/reset/", "email")):
        answers = [
            console_browser().post(f"/accounts/{path}", {field: e}) for e in (alice.email, "x@y.example")
        ]
        assert answers[0].status_code == answers[1].status_code == 302
        assert answers[0]["Location"] == answers[1]["Location"]
    for path in ("login/code/", "password/reset/"):
        seen = []
        for email in (alice.email, "x@y.example"):
            page = console_browser().post(f"/accounts/{path}", {"email": email}, follow=True).content.decode()
            seen.append(re.sub(r'value="\w{64}"', "", page.replace(email, "")))
        assert re.sub(r"nonce-\S+", "", seen[0]) == re.sub(r"nonce-\S+", "", seen[1])
    wrong = {"password": "wrong"}
    pages = [
        console_browser().post("/accounts/login/", {"login": e} | wrong).content.decode()
        for e in (alice.email, "x@y.example")
    ]
    words = [re.findall(r'<div class="message__words">(.*?)</div>', page, re.DOTALL) for page in pages]
    assert words[0] == words[1] and words[0]


def test_the_password_is_reset_by_the_mailed_link(alice: Account) -> None:
    browser = console_browser()
    browser.post("/accounts/password/reset/", {"email": alice.email})
    run_jobs()
    link = re.search(r"http://app\.localhost(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    form = browser.get(link.group(1))["Location"]
    new = "a sentence nobody guesses"
    assert browser.post(form, {"password1": new, "password2": new}).status_code == 302
    assert is_signed_in(log_in(alice.email, new)) and not is_signed_in(log_in(alice.email))


def test_a_second_factor_is_asked_after_password_and_after_code(alice: Account) -> None:
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    browser = console_browser()
    answer = browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert looks_like_ours(browser.get("/accounts/2fa/authenticate/").content.decode())
    assert not is_signed_in(browser)


def test_wrong_passwords_are_limited_whatever_process_takes_them(alice: Account) -> None:
    for _ in range(6):
        console_browser().post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    assert not is_signed_in(log_in(alice.email))  # the counter is in the database


def test_allauths_own_sign_up_is_closed(db: None) -> None:
    answer = console_browser().post("/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD})
    assert answer["Location"] == "http://localhost/start/"
    assert not Account.objects.filter(email="x@y.example").exists()


def test_google_is_offered_only_with_keys(db: None) -> None:
    assert "Google" not in console_browser().get("/accounts/login/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere_after_logging_in(alice: Account, target: str) -> None:
    answer = console_browser().post(
        f"/accounts/login/?next={target}", {"login": alice.email, "password": PASSWORD, "next": target}
    )
    assert answer["Location"] == "/"


def test_staff_of_one_agency_get_404_in_anothers_console(hugo: Account, northwind: CurrentAgency) -> None:
    assert console_browser(hugo).get("/northwind/").status_code == 404
    assert console_browser(hugo).get("/nobody/").status_code == 404


def test_a_clients_cookie_is_nothing_on_the_consoles_host(northwind: CurrentAgency, maria: object) -> None:
    portal = portal_browser(northwind, maria)  # type: ignore[arg-type]
    console = console_browser()
    console.cookies = portal.cookies
    assert console.get("/northwind/")["Location"].startswith("/accounts/login/")
    assert console.get("/")["Location"].startswith("/accounts/login/")


def test_a_staff_session_is_ignored_on_a_portals_host(northwind: CurrentAgency, alice: Account) -> None:
    portal = portal_browser(northwind)
    portal.cookies = console_browser(alice).cookies
    assert portal.get("/")["Location"].startswith("/sign-in/")
    assert portal.get("/accounts/").status_code in (302, 404)


def test_a_name_is_saved_and_must_be_one(alice: Account) -> None:
    browser = console_browser(alice)
    assert browser.post("/accounts/", {"name": "Alice M."}).status_code == 302
    assert browser.post("/accounts/", {"name": ""}).status_code == 200
    alice.refresh_from_db()
    assert alice.name == "Alice M."

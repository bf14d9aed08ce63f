"""From the landing page to the console with a real browser; and staff's passkeys."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running

SUBJECT = "Your code"
NOOR, PASSWORD = "noor@atelier.example", "demo-portal-2026"


def _code(platform: Running, email: str) -> str:
    found = re.search(r"^(\d{6})\s*$", platform.mail(email, SUBJECT)["text"], re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize(("scripts", "slug"), [(True, "lind-and-co"), (False, "olsen-and-co")])
def test_from_the_landing_page_to_the_console(
    platform: Running, new_page: NewPage, scripts: bool, slug: str
) -> None:
    page, email = new_page(PHONE, scripts=scripts), f"nora@{slug}.example"
    page.goto(platform.address(""))
    page.get_by_role("link", name="Start free for 14 days").click()
    page.get_by_label("Your work e-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code").fill(_code(platform, email))
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    page.get_by_label("Your name").fill("Nora Lind")
    page.get_by_label("Your agency's name").fill("Lind & Co")
    page.get_by_label("Your portal's address").fill(slug)
    if scripts:
        expect(page.get_by_text("is free.")).to_be_visible()
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_label("Growth")).to_be_checked()
    page.get_by_role("button", name="Make my portal").click()
    expect(page.get_by_role("heading", name="Your portal is ready")).to_be_visible()
    portal = page.context.new_page()
    answer = portal.goto(platform.address(slug))
    assert answer and answer.ok
    portal.close()
    page.get_by_role("link", name="Open your console").click()
    if not scripts:
        page.get_by_role("button", name="Open the console").click()
    page.wait_for_url(platform.address("app", f"/{slug}/"))


def test_a_taken_address_is_replaced_by_a_press(platform: Running, new_page: NewPage) -> None:
    page, email = new_page(DESK, scripts=False), "nina@north.example"
    page.goto(platform.address("", "/start/"))
    page.get_by_label("Your work e-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code").fill(_code(platform, email))
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Your name").fill("Nina North")
    page.get_by_label("Your agency's name").fill("Northwind")
    page.get_by_label("Your portal's address").fill("northwind")
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_text("Somebody has this address")).to_be_visible()
    page.get_by_role("button", name="northwind-studio").click()
    expect(page.get_by_text("northwind-studio.localhost")).to_be_visible()


def _passkey_device(page: Page) -> None:
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options | able})


def _log_in(platform: Running, page: Page) -> None:
    page.goto(platform.address("app", "/accounts/login/"))
    page.get_by_label("Email").fill(NOOR)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def _log_out(platform: Running, page: Page) -> None:
    page.goto(platform.address("app", "/accounts/logout/"))
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def _confirm(page: Page) -> None:
    """Asked for the password once more, before something so important."""
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_a_passkey_is_added_and_opens_the_account(platform: Running, new_page: NewPage) -> None:
    page = new_page(DESK)
    _passkey_device(page)
    _log_in(platform, page)
    page.wait_for_url("**/atelier/")
    page.goto(platform.address("app", "/accounts/2fa/webauthn/add/"))
    _confirm(page)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    _log_out(platform, page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/atelier/")
    _log_out(platform, page)
    _log_in(platform, page)  # with the password alone: asked for the second step
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url("**/atelier/")
    page.goto(platform.address("app", "/accounts/2fa/webauthn/"))
    page.get_by_role("link", name="Remove").click()
    _confirm(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("None yet.")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.parametrize("path", ["/", "/pricing/", "/start/"])
def test_public_pages_are_accessible_and_fit(
    platform: Running, new_page: NewPage, path: str, size: dict[str, int]
) -> None:
    for dark in (False, True):
        page = new_page(size, dark=dark)
        page.goto(platform.address("", path))
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["login/", "login/code/", "password/reset/"])
def test_login_pages_are_accessible_and_fit(platform: Running, new_page: NewPage, path: str) -> None:
    for dark in (False, True):
        page = new_page(PHONE, dark=dark)
        page.goto(platform.address("app", f"/accounts/{path}"))
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""Signing in with a real browser: mail link, code, phone, passkey; with and without scripts."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running

MARIA, LIAM = "maria@brightside.example", "liam@brightside.example"
SUBJECT = "Sign in to Northwind"


def _ask(platform: Running, page: Page, email: str, path: str = "/") -> tuple[str, str]:
    """Ask as a person would; link and code of the mail."""
    before = len([m for m in platform.mails(email) if SUBJECT in m["subject"]])
    page.goto(platform.address("northwind", path))
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me a sign-in link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    text = platform.mail(email, SUBJECT, after=before)["text"]
    link = re.search(r"http://\S+/enter/\S+", text)
    code = re.search(r"^(\d{6})\s*$", text, re.MULTILINE)
    assert link and code
    return link[0], code[1]


def test_one_press_in_the_mail_signs_in_and_keeps_the_page(platform: Running, new_page: NewPage) -> None:
    for scripts in (True, False):
        page = new_page(PHONE, scripts=scripts)
        link, _ = _ask(platform, page, MARIA, "/profile/sessions/")
        page.goto(link)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Devices")).to_be_visible()
        expect(page.get_by_text("This device")).to_have_count(1)
        # The link is used up; whoever is in is led on.
        page.goto(link)
        expect(page.get_by_role("heading", name="Devices")).to_be_visible()


def test_the_code_signs_in_on_the_laptop_and_on_the_phone(platform: Running, new_page: NewPage) -> None:
    laptop, phone = new_page(DESK), new_page(PHONE)
    link, code = _ask(platform, laptop, LIAM)
    phone.goto(link)
    expect(phone.get_by_role("heading", name="You asked on another device")).to_be_visible()
    laptop.get_by_label("6-digit code").fill(code)  # the form goes off by itself
    laptop.wait_for_url(platform.address("northwind"))

    other = new_page(DESK, scripts=False)
    link, code = _ask(platform, other, LIAM)
    phone.goto(link)
    phone.get_by_label("6-digit code").fill(code)
    phone.wait_for_url(platform.address("northwind"))


def test_one_tap_on_the_phone_sends_a_link_for_it(platform: Running, new_page: NewPage) -> None:
    laptop, phone = new_page(DESK), new_page(PHONE, scripts=False)
    link, _ = _ask(platform, laptop, LIAM)
    phone.goto(link)
    before = len([m for m in platform.mails(LIAM) if SUBJECT in m["subject"]])
    phone.get_by_role("button", name="Send a new link for this device").click()
    expect(phone.get_by_role("heading", name="Look into your mail")).to_be_visible()
    newer = re.search(r"http://\S+/enter/\S+", platform.mail(LIAM, SUBJECT, after=before)["text"])
    assert newer
    laptop.goto(link)
    expect(laptop.get_by_role("heading", name="This link no longer works")).to_be_visible()
    phone.goto(newer[0])
    phone.get_by_role("button", name="Sign in", exact=True).click()
    phone.wait_for_url(platform.address("northwind"))


def test_a_passkey_is_added_used_renamed_and_removed(platform: Running, new_page: NewPage) -> None:
    page = new_page(DESK)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})["authenticatorId"]
    link, _ = _ask(platform, page, MARIA, "/profile/passkeys/")
    page.goto(link)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Name", exact=True).fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added")).to_be_visible()
    assert platform.mail(MARIA, "“My laptop” was added")

    def sign_in() -> None:
        page.context.clear_cookies()
        page.goto(platform.address("northwind", "/profile/sessions/"))
        page.get_by_role("button", name="Sign in with a passkey").click()

    sign_in()
    expect(page.get_by_role("heading", name="Devices")).to_be_visible()
    made = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert len(made) == 1 and made[0]["signCount"] > 1 and made[0]["rpId"] == "northwind.localhost"

    page.goto(platform.address("northwind", "/profile/passkeys/"))
    page.get_by_label("Name of the passkey My laptop").fill("Maria's laptop")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_label("Name of the passkey Maria's laptop")).to_be_visible()
    page.get_by_role("button", name="Remove the passkey Maria's laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No passkeys yet")).to_be_visible()

    sign_in()  # the device still has the key, the portal no longer knows it
    expect(page.get_by_text("That did not work")).to_be_visible()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used")).to_be_visible()


def test_the_pages_are_accessible_and_fit_a_phone(platform: Running, new_page: NewPage) -> None:
    found: list[str] = []
    for size, dark in ((PHONE, False), (PHONE, True), (DESK, False), (DESK, True)):
        page = new_page(size, dark=dark)
        email = "tom@becker.example"
        link, _ = _ask(platform, page, email)
        stranger = new_page(size, dark=dark)
        shown = [(stranger, link), (stranger, platform.address("northwind", "/enter/nothing/")), (page, link)]
        shown = [(page, platform.address("northwind", "/sign-in/sent/")), *shown]
        shown += [
            (stranger, platform.address("northwind", path)) for path in ("/sign-in/", "/sign-in/password/")
        ]
        for one, address in shown:
            one.goto(address)
            found += _faults(one)
        page.get_by_role("button", name="Sign in", exact=True).click()
        for path in ("/profile/sessions/", "/profile/password/", "/profile/passkeys/", "/sign-in/again/"):
            page.goto(platform.address("northwind", path))
            found += _faults(page)
    assert found == []


def _faults(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    faults = violations(page) + (["wider than the screen"] if wide else [])
    return [f"{page.url}: {fault}" for fault in faults]

"""The portal moves while its clients have it open: real tabs, real cookies, the browser's own rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as live
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.people.models import Client, ClientSession
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.domains.models import DomainState
from tests.browser.conftest import DESK, PHONE, violations
from tests.browser.two_hosts import serving
from tests.cast import portal_browser
from tests.portal.people.one_browser import CUSTOM, give_domain
from tests.portal.people.signing_in import session_token


@dataclass
class House:
    """The portal's two addresses and Maria's browser, signed in at the default one."""

    agency: CurrentAgency
    context: BrowserContext
    old: str
    new: str
    errors: list[str]

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        return page

    def move(self) -> None:
        give_domain(self.agency)

    def forget_stay(self) -> None:
        """As ten seconds later."""
        self.context.clear_cookies(name="stay")


@pytest.fixture
def house(committed_db: None, browser: Browser, tmp_path: Path, settings: object) -> Iterator[House]:
    row: Agency = Agency.objects.get(slug="northwind")
    agency = row.current()
    with inside(agency):
        maria = Client.objects.get(email="maria@client.example")
    with serving(tmp_path, CUSTOM) as ports:
        settings.PORTICO_PORT_SUFFIX = f":{ports.http}"  # type: ignore[attr-defined]
        settings.EDGE_PORT_SUFFIX = f":{ports.https}"  # type: ignore[attr-defined]
        context = browser.new_context(ignore_https_errors=True, viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        old, new = f"http://{agency.host}:{ports.http}", f"https://{CUSTOM}:{ports.https}"
        token = session_token(portal_browser(agency, maria))
        context.add_cookies([{"name": live.CLIENT_COOKIE_NAME, "value": token, "url": old}])
        made = House(agency, context, old, new, [])
        yield made
        context.close()
    assert made.errors == []


def test_whoever_goes_to_the_old_address_arrives_signed_in(house: House) -> None:
    house.move()
    page = house.tab()
    page.goto(f"{house.old}/profile/sessions/?a=1#devices")
    assert page.url == f"{house.new}/profile/sessions/?a=1#devices"
    expect(page.get_by_text("This device")).to_have_count(1)
    cookies = {c["name"]: c for c in house.context.cookies(house.new)}
    assert cookies["__Host-session"]["secure"] and cookies["__Host-session"]["domain"] == CUSTOM
    assert not [name for name in cookies if "moving" in name or not name.startswith("__Host-")]
    page.goto(f"{house.new}/profile/")
    expect(page.get_by_role("heading", name="Profile").first).to_be_visible()


def test_nothing_typed_is_lost_and_the_next_click_leads_on(house: House) -> None:
    page = house.tab()
    page.goto(f"{house.old}/profile/")
    page.get_by_label("Display name").fill("Mia")
    house.move()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Your profile is saved")).to_be_visible()
    assert page.url == f"{house.old}/profile/"
    house.forget_stay()
    page.get_by_role("link", name="Home").first.click()
    page.wait_for_url(f"{house.new}/")
    expect(page.get_by_text("Mia").first).to_be_visible()
    # Back leads past the page that led here, not into a circle.
    page.go_back()
    page.wait_for_url(f"{house.new}/profile/")


def test_a_search_form_of_an_open_page_leads_on_too(house: House) -> None:
    page = house.tab()
    page.goto(f"{house.old}/profile/")
    house.move()
    page.evaluate(
        """() => {
          const form = document.createElement("form");
          form.action = "/projects/";
          form.innerHTML = '<input name="q" value="a">';
          document.body.append(form);
          form.requestSubmit();
        }"""
    )
    page.wait_for_url(f"{house.new}/projects/?q=a")


def test_tabs_that_wake_up_together_all_arrive(house: House) -> None:
    house.move()
    tabs = [house.tab() for _ in range(4)]
    for tab in tabs:
        tab.evaluate("address => { location.href = address }", f"{house.old}/profile/")
    for tab in tabs:
        tab.wait_for_url(f"{house.new}/profile/")
        expect(tab.get_by_label("Display name")).to_be_visible()
        tab.reload()
        expect(tab.get_by_label("Display name")).to_be_visible()
    with inside(house.agency):
        assert ClientSession.objects.count() == 1


def test_signing_out_there_is_signing_out_here(house: House) -> None:
    house.move()
    page = house.tab()
    page.goto(f"{house.old}/profile/sessions/")
    page.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url(f"{house.new}/sign-in/")
    page.goto(f"{house.old}/profile/")
    page.wait_for_url(f"{house.new}/sign-in/?next=%2Fprofile%2F")


def test_when_the_domain_goes_the_old_address_is_home_again(house: House) -> None:
    house.move()
    page = house.tab()
    page.goto(f"{house.old}/profile/")
    assert page.url == f"{house.new}/profile/"
    # What a page still loads is not found when its domain goes.
    page.wait_for_load_state("networkidle")
    give_domain(house.agency, state=DomainState.RELEASED)
    page.goto(f"{house.old}/profile/")
    assert page.url == f"{house.old}/profile/"
    expect(page.get_by_label("Display name")).to_be_visible()


def test_the_page_that_leads_on_is_accessible_and_fits_a_phone(house: House) -> None:
    house.move()
    page = house.tab()
    # By itself it leads on at once: shown here without the header that says so.
    asked = portal_browser(house.agency).get("/projects/", headers={"sec-fetch-site": "same-origin"})
    assert asked["Refresh"].endswith(house.new + "/projects/")
    shown = {
        "Content-Type": asked["Content-Type"],
        "Content-Security-Policy": asked["Content-Security-Policy"],
    }
    page.route(f"{house.old}/projects/", lambda route: route.fulfill(body=asked.content, headers=shown))
    faults: list[str] = []
    for size in (PHONE, DESK):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{house.old}/projects/")
            expect(page.get_by_role("heading", name="Northwind Studio has a new address")).to_be_visible()
            faults += violations(page)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert faults == []
    page.get_by_role("link", name="Go on there").click()
    page.wait_for_url(f"{house.new}/sign-in/?next=%2Fprojects%2F")

"""Sign-in by Google in one real browser on two portals, with a real provider and the browser's own rules."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.people.invitations import invite
from portal.people.models import Client, GoogleAccount
from tenants.agencies.current import CurrentAgency, inside, platform_origin
from tenants.agencies.models import Agency
from tests.browser.conftest import PHONE, violations
from tests.browser.two_hosts import serving
from tests.portal.people.one_browser import CUSTOM, give_domain
from tests.rig.openid import CLIENT_ID, CLIENT_SECRET, person, real_provider


@dataclass
class Town:
    """One browser; Northwind on its own domain, Harbour on its default address."""

    northwind: CurrentAgency
    harbour: CurrentAgency
    context: BrowserContext
    errors: list[str]

    def page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        return page


@pytest.fixture
def town(committed_db: None, browser: Browser, tmp_path: Path, settings: Any) -> Iterator[Town]:
    people = [person("maria", "maria@client.example"), person("ines", "ines@client.example")]
    people.append(person("private", "maria@home.example"))
    with serving(tmp_path, CUSTOM) as ports:
        settings.PORTICO_PORT_SUFFIX, settings.EDGE_PORT_SUFFIX = f":{ports.http}", f":{ports.https}"
        northwind = give_domain(Agency.objects.get(slug="northwind").current())
        harbour = Agency.objects.get(slug="harbour").current()
        for agency, email in ((northwind, "maria@client.example"), (harbour, "ines@client.example")):
            with inside(agency):
                invite(Client.objects.get(email=email), by=None)
        with real_provider(tmp_path, platform_origin() + "/google/callback/", *people) as provider:
            settings.GOOGLE_ISSUER, settings.GOOGLE_CLIENT_ID = provider.issuer, CLIENT_ID
            settings.GOOGLE_CLIENT_SECRET = CLIENT_SECRET
            policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
            policy["DIRECTIVES"]["form-action"].append(provider.issuer.removesuffix("/o"))
            settings.CONTENT_SECURITY_POLICY = policy
            cache.clear()
            context = browser.new_context(ignore_https_errors=True, viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
            context.set_default_timeout(20_000)
            made = Town(northwind, harbour, context, [])
            yield made
            context.close()
    assert made.errors == []


def sign_in_there(page: Page, name: str) -> None:
    page.get_by_label("Account").fill(name)
    page.get_by_label("Password").fill(name[::-1])
    page.get_by_role("button", name="Sign in").click()


def test_one_browser_is_signed_in_on_two_portals_as_two_people(town: Town) -> None:
    page = town.page()
    page.goto(town.northwind.portal_url("/sign-in/?next=/projects/"))
    page.get_by_role("link", name="Sign in with Google").click()
    sign_in_there(page, "maria")
    page.wait_for_url(town.northwind.portal_url("/projects/"))
    other = town.page()
    other.goto(town.harbour.portal_url("/sign-in/"))
    other.get_by_role("link", name="Sign in with Google").click()
    # The provider still knows Maria: at Harbour she has no access, and is told what to do.
    other.wait_for_url("**/sign-in/google/no/?why=access")
    expect(other.get_by_text("has no access here")).to_be_visible()
    assert violations(other) == []
    town.context.clear_cookies(name="provider")
    other.get_by_role("link", name="Try Google again").click()
    sign_in_there(other, "ines")
    other.wait_for_url(town.harbour.portal_url("/"))
    page.reload()
    expect(page.get_by_role("heading", name="Projects").first).to_be_visible()
    for agency, client in ((town.northwind, "maria@client.example"), (town.harbour, "ines@client.example")):
        with inside(agency):
            assert list(GoogleAccount.objects.values_list("client__email", flat=True)) == [client]


def test_another_account_is_connected_on_the_profile(town: Town) -> None:
    page = town.page()
    page.goto(town.northwind.portal_url("/sign-in/"))
    page.get_by_role("link", name="Sign in with Google").click()
    sign_in_there(page, "maria")
    page.wait_for_url(town.northwind.portal_url("/"))
    page.goto(town.northwind.portal_url("/profile/google/"))
    assert violations(page) == []
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No Google account yet")).to_be_visible()
    town.context.clear_cookies(name="provider")
    page.get_by_role("button", name="Connect a Google account").click()
    sign_in_there(page, "private")
    expect(page.get_by_role("heading", name="Connect this Google account?")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Connect it").click()
    expect(page.get_by_text("maria@home.example")).to_be_visible()

"""A custom domain from the first word to the green lock, in Chromium with full validation, and its end."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from pytest_django import DjangoDbBlocker

from kit import clock
from tenants.agencies.models import Agency
from tenants.domains import grace
from tenants.domains.models import Domain
from tenants.plans import Plan
from tenants.routing.hosts import LIFETIME_SECONDS
from tests.browser.conftest import DESK, PHONE, violations
from tests.browser.own_domains import EXAMPLE, OwnDomains, platform_with_domains, trusting_browser
from tests.browser.walking import sign_in_staff
from tests.databases import cloned_database, using
from tests.processes import wait_until

OWNER, OTHER_OWNER = "alice@northwind.example", "hugo@harbour.example"
SECONDS = 15_000
Open = Callable[[dict[str, int]], Page]


@pytest.fixture(scope="module")
def domains(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OwnDomains]:
    """A platform of this file's own: what happens to its agencies' addresses is nobody else's matter."""
    folder = tmp_path_factory.mktemp("domains")
    with (
        django_db_blocker.unblock(),
        cloned_database("domains", template="empty") as database,
        platform_with_domains(folder, database) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def trusting(
    browser: Browser, domains: OwnDomains, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    with trusting_browser(browser, tmp_path_factory.mktemp("trust"), domains.pebble.root_pem()) as launched:
        yield launched


@pytest.fixture
def open_page(trusting: Browser) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def make(size: dict[str, int]) -> Page:
        context = trusting.new_context(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(SECONDS)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
def test_an_agency_connects_its_domain_and_sees_the_green_lock(
    domains: OwnDomains, open_page: Open, size: dict[str, int], name: str
) -> None:
    host, page = f"{name}.{EXAMPLE}", open_page(size)
    _enter(domains, page, host)
    # "What to add", or "What belongs in your DNS" when the first look is over already.
    expect(page.locator("#records")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    _add_at_registrar(domains, page, host, page.locator("#cname-1-value").inner_text())
    _verify(page, host)
    portal = open_page(size)
    answer = portal.goto(domains.address(host))
    assert answer
    assert answer.ok
    about = answer.security_details()
    assert about
    assert "Pebble" in str(about.get("issuer"))
    expect(portal.get_by_label("E-mail")).to_be_visible()
    assert "portico" not in portal.content().lower()


def test_a_browser_is_told_nothing_on_a_name_that_nobody_proved(domains: OwnDomains, open_page: Open) -> None:
    domains.dns.registrar.add(f"stranger.{EXAMPLE}", "A", "127.0.0.1")
    with pytest.raises(Error, match="ERR_SSL_UNRECOGNIZED_NAME_ALERT"):
        open_page(DESK).goto(domains.address(f"stranger.{EXAMPLE}"))


def test_a_browser_without_that_root_refuses_the_page(
    domains: OwnDomains, open_page: Open, browser: Browser
) -> None:
    """The lock of the other tests is green because of the root, not because nothing is looked at."""
    host = f"refused.{EXAMPLE}"
    _connect(domains, open_page(DESK), host)
    context = browser.new_context()
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(domains.address(host))
    context.close()


def test_staff_see_that_the_record_moved_and_that_it_came_back(domains: OwnDomains, open_page: Open) -> None:
    host, page = f"moved.{EXAMPLE}", open_page(DESK)
    target = _connect(domains, page, host)
    domains.dns.registrar.remove(host)
    domains.dns.registrar.add(host, "A", "203.0.113.5")
    _look_again(page)
    expect(page.get_by_role("heading", name=f"{host} no longer leads to your portal")).to_be_visible()
    assert violations(page) == []
    told = domains.platform.mail(OWNER, host)
    assert "no longer leads to your portal" in told["text"]
    domains.dns.registrar.remove(host)
    domains.dns.registrar.add(host, "CNAME", target)
    _look_again(page)
    expect(page.get_by_role("heading", name=f"Your portal is live on {host}")).to_be_visible()


def test_after_a_downgrade_the_domain_stays_two_weeks_and_the_default_address_takes_over(
    domains: OwnDomains, open_page: Open
) -> None:
    host, page, client = f"kept.{EXAMPLE}", open_page(PHONE), open_page(PHONE)
    default = domains.platform.address("harbour", "/sign-in/")
    with _as_operator(domains):
        Agency.objects.filter(slug="harbour").update(plan=Plan.GROWTH)
    _connect(domains, page, host, OTHER_OWNER, "harbour")
    client.goto(default)
    assert client.url == domains.address(host, "/sign-in/")
    with _as_operator(domains):
        Agency.objects.filter(slug="harbour").update(plan=Plan.STARTER)
        grace.apply()
    page.reload()
    expect(page.get_by_text("Your plan no longer includes an address of your own.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    client.goto(domains.address(host, "/sign-in/"))
    with _as_operator(domains):
        Domain.objects.filter(host=host).update(grace_until=clock.now())
        grace.apply()
    page.reload()
    expect(page.get_by_role("heading", name=f"{host} was released")).to_be_visible()
    client.goto(default)
    assert client.url == default
    stranger = open_page(DESK)
    wait_until(lambda: _is_refused(stranger, domains.address(host)), 5, "the edge forgets the name")


def _is_refused(page: Page, address: str) -> bool:
    try:
        page.goto(address)
    except Error as error:
        return "ERR_SSL_UNRECOGNIZED_NAME_ALERT" in str(error)
    return False


@contextmanager
def _as_operator(domains: OwnDomains) -> Iterator[None]:
    """What happens in weeks, done to the running platform's database; its web processes notice within seconds."""
    with using(domains.database):
        yield
    time.sleep(LIFETIME_SECONDS + 0.1)


def _connect(domains: OwnDomains, page: Page, host: str, owner: str = OWNER, slug: str = "northwind") -> str:
    """The whole way; the CNAME's target."""
    _enter(domains, page, host, owner, slug)
    target = page.locator("#cname-1-value").inner_text()
    domains.dns.registrar.add(host, "CNAME", target)
    _verify(page, host)
    return target


def _enter(domains: OwnDomains, page: Page, host: str, owner: str = OWNER, slug: str = "northwind") -> None:
    sign_in_staff(domains.platform, page, owner, f"/{slug}/branding/domain/")
    page.locator("[name=host]").last.fill(f"https://{host.upper()}/")
    page.get_by_role("button", name="Show me the record").click()
    page.wait_for_url(re.compile(r"/branding/domain/\d+/$"))


def _add_at_registrar(domains: OwnDomains, page: Page, host: str, target: str) -> None:
    """In a tab of its own, on the demo's DNS page."""
    desk = page.context.new_page()
    desk.goto(f"http://localhost:{domains.dns.http_port}/")
    here = desk.locator(f"[id='{EXAMPLE}']")
    here.get_by_role("textbox", name="Name").fill(host.removesuffix(f".{EXAMPLE}"))
    here.get_by_label("Value").fill(target)
    here.get_by_role("button", name="Add record").click()
    desk.get_by_role("cell", name=target).last.wait_for()
    desk.close()


def _verify(page: Page, host: str) -> None:
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("heading", name=f"Your portal is live on {host}")).to_be_visible(timeout=SECONDS)


def _look_again(page: Page) -> None:
    """Whatever the button is called in this state; not more often than the limit allows."""
    page.wait_for_timeout(10_500)
    page.locator("#verify").click()

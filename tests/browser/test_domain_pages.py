"""The pages of custom domains in a real browser: sound in every state, following what happens, saying it aloud."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test.testcases import LiveServerThread, _StaticFilesHandler
from playwright.sync_api import Page, expect

from kit import clock
from tenants.accounts.models import Account
from tenants.agencies.models import Agency
from tenants.domains.models import Domain, DomainState
from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.cast import console_browser
from tests.portal.addresses.claims import good_report, make_claim, one_of_each, wrong_report

S = DomainState
HOST = "portal.northwind.com"


@dataclass
class Desk:
    """Alice's browser at the console of Northwind, and the operators' pages."""

    port: int
    cookie: str
    new_page: NewPage

    def page(self, size: dict[str, int] = DESK, **options: bool) -> Page:
        page = self.new_page(size, **options)
        name = django_settings.SESSION_COOKIE_NAME
        address = f"http://app.localhost:{self.port}"
        page.context.add_cookies([{"name": name, "value": self.cookie, "url": address}])
        return page

    def open(self, page: Page, path: str) -> None:
        answer = page.goto(f"http://app.localhost:{self.port}{path}")
        assert answer is not None and answer.status == 200, path


@pytest.fixture
def desk(committed_db: None, settings: object, new_page: NewPage) -> Iterator[Desk]:
    """A server in this process, on a database with real commits."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**django_settings.STORAGES, "staticfiles": plain}  # type: ignore[attr-defined]
    settings.ACME_DIRECTORY = "https://ca.example/directory"  # type: ignore[attr-defined]
    settings.EDGE_IPV4 = ["203.0.113.7"]  # type: ignore[attr-defined]
    settings.OPERATORS_NEED_MFA = False  # type: ignore[attr-defined]
    Account.objects.filter(email="alice@northwind.example").update(is_operator=True)
    signed_in = console_browser(Account.objects.get(email="alice@northwind.example"))
    thread = LiveServerThread("127.0.0.1", _StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    yield Desk(thread.port, signed_in.cookies[django_settings.SESSION_COOKIE_NAME].value, new_page)
    thread.terminate()


@pytest.fixture
def northwind_id(desk: Desk) -> int:
    return int(Agency.objects.get(slug="northwind").pk)


def show(domain: Domain) -> str:
    return f"/northwind/branding/domain/{domain.pk}/"


def test_every_state_has_a_sound_page_on_a_phone_and_a_desk(desk: Desk, northwind_id: int) -> None:
    every = one_of_each(Agency.objects.get(pk=northwind_id))
    paths = ["/northwind/branding/domain/", "/operators/domains/", "/operators/certificates/"]
    paths += [show(domain) for domain in every.values()]
    paths += [f"{show(every['active'])}removal/", f"{show(every['txt'])}instructions/"]
    paths += [f"/operators/domains/{every[name].pk}/" for name in ("issue_retry", "blocked")]
    page, wrong = desk.page(), []
    for path in paths:
        for size, scheme in ((PHONE, "light"), (DESK, "dark")):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            desk.open(page, path)
            for details in page.locator("main details").all():
                details.evaluate("one => one.open = true")
            wrong += [f"{path} {scheme}: {fault}" for fault in violations(page)]
            if page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
                wrong.append(f"{path} is wider than {size['width']}")
    assert wrong == []


def test_an_open_page_follows_and_says_aloud_what_changed(desk: Desk, northwind_id: int) -> None:
    domain = make_claim(northwind_id, HOST, S.ISSUING)
    page = desk.page()
    desk.open(page, show(domain))
    expect(page.get_by_role("heading", name="Getting the certificate", exact=True)).to_be_visible()
    expect(page.locator("#spoken")).to_have_text("")
    Domain.objects.update(state=S.ACTIVE, next_try_at=clock.now() + timedelta(hours=9))
    expect(page.get_by_role("heading", name=f"Your portal is live on {HOST}")).to_be_visible()
    expect(page.locator("#spoken")).to_contain_text("live")
    expect(page.locator("#spoken")).to_have_attribute("role", "status")
    assert page.locator("[hx-get]").count() == 0


def test_as_long_as_nothing_changes_the_page_is_left_as_it_is(desk: Desk, northwind_id: int) -> None:
    report = good_report("northwind.com").to_json()
    page = desk.page()
    desk.open(page, show(make_claim(northwind_id, HOST, S.ISSUING, report=report)))
    page.locator("summary", has_text="Every server").click()
    row = page.get_by_text("ada.ns.cloudflare.com")
    expect(row).to_be_visible()
    for _ in range(3):
        with page.expect_response(lambda answer: "/status/" in answer.url):
            pass
    expect(row).to_be_visible()
    expect(page.locator("#spoken")).to_have_text("")


def test_a_session_that_ended_ends_the_asking_and_shows_no_sign_in_page(
    desk: Desk, northwind_id: int
) -> None:
    page = desk.page()
    desk.open(page, show(make_claim(northwind_id, HOST, S.ISSUING)))
    Session.objects.all().delete()
    expect(page.locator("#follow")).to_have_count(0)
    assert page.locator("input[type=password]").count() == 0
    expect(page.get_by_role("heading", name="Getting the certificate", exact=True)).to_be_visible()


def test_each_part_of_a_record_is_copied_with_one_press(desk: Desk, northwind_id: int) -> None:
    page = desk.page(PHONE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.open(page, show(make_claim(northwind_id, HOST)))
    read: Callable[[], str] = lambda: page.evaluate("navigator.clipboard.readText()")  # noqa: E731
    for words, value in (("the name of", "portal"), ("the whole name of", HOST)):
        page.get_by_role("button", name=f"Copy {words} the CNAME record").click()
        expect(page.get_by_role("button", name=f"Copied {words} the CNAME record")).to_be_visible()
        assert read() == value


def test_without_scripts_one_can_verify_and_read_everything(desk: Desk, northwind_id: int) -> None:
    report = wrong_report("northwind.com", northwind_id).to_json()
    domain = make_claim(northwind_id, HOST, report=report, checked_at=clock.now())
    page = desk.page(PHONE, scripts=False)
    desk.open(page, show(domain))
    expect(page.get_by_text("portal", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.locator("summary", has_text="Every server").click()
    expect(page.get_by_text("did not answer in time").first).to_be_visible()
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text(f"Looking at the DNS of {HOST} now")).to_be_visible()
    expect(page.get_by_role("link", name="Reload")).to_be_visible()
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("We looked just now")).to_be_visible()

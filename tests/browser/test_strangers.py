"""Charlie, a removed client, a client of another agency and nobody at all try every address of Maria's and Alice's."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.platform import Running
from tests.browser.walking import Walk, ask, cookies_of, kind_of, sign_in_client, sign_in_staff, walk

# Words that stand on Maria's pages and on nobody else's.
HERS = ("Brightside", "Maria Silva", "Homepage design", "Warmer, please", "The font licence")
PAPER = re.compile(r"/files/|/pdf/|/receipt/|/export/")
REMOVED = "rafa@brightside.example"


def test_no_stranger_reads_or_changes_what_is_marias(platform: Running, new_page: NewPage) -> None:
    maria, alice = new_page(), new_page()
    sign_in_client(platform, maria, "northwind", "maria@brightside.example")
    sign_in_staff(platform, alice, "alice@northwind.example", "/northwind/")
    hers = walk(maria, platform.address("northwind"))
    staffs = walk(alice, platform.address("app", "/northwind/"))
    assert hers.wrong + staffs.wrong == []
    assert any("/files/" in address for address in hers.addresses), "no file was seen"
    assert any(word in ask(platform.address("northwind"), cookies_of(maria)).body for word in HERS)

    removed = _removed_client(platform, new_page, alice)
    charlie, ines, nobody = (new_page(scripts=False) for _ in range(3))
    sign_in_client(platform, charlie, "northwind", "charlie@oakley.example")
    sign_in_client(platform, ines, "harbour", "ines@faro.example")
    met = hers.addresses | staffs.addresses | set(hers.pages) | set(staffs.pages)
    # A company's own website is linked, too, and is not the platform's.
    tries = sorted(address for address in met if urlsplit(address).port == platform.port)
    tries += _the_same_at_harbour(platform, hers)
    for name, stranger in {"charlie": charlie, "removed": removed, "ines": ines, "nobody": nobody}.items():
        found = [line for address in tries if (line := _told(address, cookies_of(stranger)))]
        found += _changed(stranger, hers, platform)
        assert found == [], name


@pytest.mark.parametrize("place", ["/projects/", "/deliverables/", "/"])
def test_a_removed_client_is_out_at_once(platform: Running, new_page: NewPage, place: str) -> None:
    alice = new_page()
    sign_in_staff(platform, alice, "alice@northwind.example", "/northwind/")
    page = _removed_client(platform, new_page, alice)
    page.goto(platform.address("northwind", place))
    assert "/sign-in/" in page.url


def _removed_client(platform: Running, new_page: NewPage, alice: Page) -> Page:
    """A colleague of Maria's who is signed in on a device when the access ends."""
    alice.goto(platform.address("app", "/northwind/clients/"))
    known = alice.get_by_role("link", name="Rafa Lima")
    if known.count():
        known.first.click()
        alice.get_by_role("button", name="Restore access").click()
    else:
        alice.goto(platform.address("app", "/northwind/clients/new/"))
        alice.locator("[name=name]").fill("Rafa Lima")
        alice.locator("[name=email]").fill(REMOVED)
        alice.locator("[name=company]").fill("Brightside Coffee")
        alice.get_by_role("button", name="Add without a mail").click()
    expect(alice.get_by_role("heading", name="Rafa Lima")).to_be_visible()
    address = alice.url
    page = new_page(scripts=False)
    sign_in_client(platform, page, "northwind", REMOVED)
    page.goto(platform.address("northwind", "/projects/"))
    expect(page.get_by_role("link", name="New website")).to_be_visible()
    alice.goto(f"{address}removal/")
    alice.locator("main form[method=post] button").last.click()
    expect(alice.get_by_text("Removed").first).to_be_visible()
    return page


def _the_same_at_harbour(platform: Running, hers: Walk) -> list[str]:
    """The same paths on the other agency's portal: rows there have the same numbers."""
    northwind, harbour = platform.address("northwind"), platform.address("harbour")
    return [address.replace(northwind, harbour) for address in hers.pages]


def _told(address: str, cookies: dict[str, str]) -> str:
    """What was wrong with the answer, or nothing."""
    answer = ask(address, cookies)
    if answer.status >= 500:
        return f"{answer.status} at {address}"
    is_paper = PAPER.search(address) and not answer.is_page  # a stranger's own list of files is a page
    if answer.status == 200 and is_paper and "harbour" not in address:
        return f"the file at {address}"
    return next((f"“{word}” at {address}" for word in HERS if word in answer.body), "")


def _changed(stranger: Page, hers: Walk, platform: Running) -> list[str]:
    """Her forms, sent with the stranger's own cookies and token: none is taken."""
    stranger.goto(platform.address("northwind", "/sign-in/"))  # whoever has no token yet gets one
    found = []
    for address in sorted(hers.addresses):
        if "/_/" not in kind_of(address) or urlsplit(address).hostname != "northwind.localhost":
            continue
        answer = ask(address, cookies_of(stranger), {"verdict": "approved", "text": "mine now"})
        is_refused = answer.status in (401, 403, 404, 405) or "/sign-in/" in answer.leads_to
        found += [] if is_refused else [f"{answer.status} to a POST at {address}"]
    return found

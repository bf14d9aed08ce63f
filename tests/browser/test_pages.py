"""Every page there is: no dead link, nothing that axe finds, no overflow; on a phone and a desk, light and dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running
from tests.browser.walking import sign_in_client, sign_in_staff, walk

# The first of each part in every size and scheme; the others, whose pages are of the same kinds, in two.
CLIENTS = [("northwind", "maria@brightside.example", True), ("harbour", "ines@faro.example", False)]
STAFF = [
    ("northwind", "alice@northwind.example", True),
    ("northwind", "jonas@northwind.example", False),
    ("harbour", "hugo@harbour.example", False),
]
GALLERY = (
    "parts",
    "forms",
    "dashboard",
    "review",
    "console",
    "sign-in",
    "account",
    "site",
)  # a mail's own style is for mail programs
NOT_FOUND = [("", "/nothing/"), ("app", "/nothing/"), ("northwind", "/nothing/"), ("nobody", "/")]


@pytest.mark.parametrize(("slug", "email", "is_first"), CLIENTS)
def test_every_page_of_a_client_is_sound(
    platform: Running, new_page: NewPage, slug: str, email: str, is_first: bool
) -> None:
    page = new_page()
    sign_in_client(platform, page, slug, email)
    seen = walk(page, platform.address(slug), look=faults if is_first else fewer_faults)
    assert seen.wrong == []
    assert len(seen.pages) > 8


@pytest.mark.parametrize(("slug", "email", "is_first"), STAFF)
def test_every_page_of_a_member_of_staff_is_sound(
    platform: Running, new_page: NewPage, slug: str, email: str, is_first: bool
) -> None:
    page = new_page()
    sign_in_staff(platform, page, email, f"/{slug}/")
    seen = walk(
        page,
        platform.address("app", f"/{slug}/"),
        platform.address("app", "/accounts/"),
        look=faults if is_first else fewer_faults,
    )
    assert seen.wrong == []
    assert len(seen.pages) > 20


def test_every_page_of_a_visitor_is_sound(platform: Running, new_page: NewPage) -> None:
    page = new_page()
    starts = [
        platform.address(""),
        platform.address("northwind"),
        platform.address("app", "/accounts/login/"),
    ]
    starts += [platform.address("northwind", "/sign-in/sent/")]
    found = walk(page, *starts, look=faults).wrong
    for name in GALLERY:
        page.goto(platform.address("", f"/gallery/?page={name}"))
        found += [f"{fault} at {name} of the gallery" for fault in faults(page)]
    for host, path in NOT_FOUND:
        answer = page.goto(platform.address(host, path))
        assert answer and answer.status == 404
        found += [f"{fault} at {host}{path}" for fault in faults(page)]
    assert found == []


def test_a_closed_portal_says_so_on_a_sound_page(platform: Running, new_page: NewPage) -> None:
    sol, visitor = new_page(), new_page()
    sign_in_staff(platform, sol, "sol@atelier.example", "/atelier/branding/portal/")
    sol.locator("[name=is_open]").uncheck()
    sol.get_by_role("button", name="Save").first.click()
    sol.wait_for_load_state()
    answer = visitor.goto(platform.address("atelier"))
    assert answer and answer.status == 503
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    found = faults(visitor)
    sol.locator("[name=is_open]").check()
    sol.get_by_role("button", name="Save").first.click()
    assert found == []


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in each size and each scheme."""
    return [
        fault
        for size in (PHONE, DESK)
        for scheme in ("light", "dark")
        for fault in _faults(page, size, scheme)
    ]


def fewer_faults(page: Page) -> list[str]:
    """The same with two of the four views."""
    return _faults(page, PHONE, "light") + _faults(page, DESK, "dark")


def _faults(page: Page, size: dict[str, int], scheme: str) -> list[str]:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = violations(page)
    if page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return [f"{size['width']} {scheme}: {one}" for one in found]

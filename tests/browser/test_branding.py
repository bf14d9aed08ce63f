"""Branding with a real browser: the sample follows while one chooses, under the pages' own policy."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.demo import PASSWORD
from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running

TABS = ["", "portal/", "sections/", "domain/"]


def _open(platform: Running, page: Page, email: str, slug: str, tab: str = "") -> None:
    """Sign a staff member in and open a tab of branding."""
    address = platform.address("app", f"/{slug}/branding/{tab}")
    page.goto(address)
    if page.url != address:
        page.locator('input[name="login"]').fill(email)
        page.locator('input[name="password"]').fill(PASSWORD)
        page.locator('input[name="password"]').press("Enter")
        page.wait_for_url(address)
    expect(page.get_by_role("heading", name="Branding", exact=True)).to_be_visible()


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A logo that fits."""
    target = io.BytesIO()
    Image.new("RGBA", (240, 60), (200, 60, 20, 255)).save(target, "PNG")
    (tmp_path / "logo.png").write_bytes(target.getvalue())
    return tmp_path / "logo.png"


def test_the_sample_follows_while_one_chooses_and_the_portal_once_it_is_saved(
    platform: Running, new_page: NewPage, logo: Path
) -> None:
    page = new_page(DESK)
    _open(platform, page, "sol@atelier.example", "atelier")
    page.locator("#id_accent").fill("#fde047")
    page.get_by_label("Title").fill("Sol & Sons")
    page.locator("#id_logo").set_input_files(logo)
    button = page.locator(".sample--dark .button--primary")
    expect(button).to_have_css("background-color", "rgb(253, 224, 71)")
    expect(page.locator("#palette")).to_contain_text("15.9")
    for scheme in ("light", "dark"):
        expect(page.locator(f".sample--{scheme} .sample__bar img")).to_be_visible()
    ground = "e => getComputedStyle(e).backgroundColor"
    light, dark = (page.locator(f".sample--{s} .sample__page").evaluate(ground) for s in ("light", "dark"))
    assert light != dark
    page.get_by_role("button", name="Save the look").click()
    expect(page.get_by_text("Your clients see it from now on")).to_be_visible()
    page.goto(platform.address("atelier", "/sign-in/"))
    expect(page.get_by_role("img", name="Sol & Sons").first).to_be_visible()
    assert page.evaluate("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)")
    expect(page.locator("button.button--primary").first).to_have_css("background-color", "rgb(253, 224, 71)")


def test_the_welcome_message_is_drawn_as_it_is_typed(platform: Running, new_page: NewPage) -> None:
    page = new_page(DESK)
    _open(platform, page, "sol@atelier.example", "atelier", "portal/")
    page.get_by_label("Welcome message").fill("# Welcome\n\n**Good** to have you. <b>x</b>")
    for scheme in ("light", "dark"):
        expect(page.locator(f".sample--{scheme} .prose strong")).to_have_text("Good")
        expect(page.locator(f".sample--{scheme} .prose")).to_contain_text("<b>x</b>")
    page.reload()
    expect(page.get_by_label("Welcome message")).not_to_have_value(
        "# Welcome\n\n**Good** to have you. <b>x</b>"
    )


def test_without_scripts_sections_move_and_words_are_tried(platform: Running, new_page: NewPage) -> None:
    page = new_page(PHONE, scripts=False)
    _open(platform, page, "sol@atelier.example", "atelier", "sections/")
    first = page.locator("li.section-row").first
    before = first.get_attribute("id")
    first.get_by_role("button", name="down").click()
    assert page.locator("li.section-row").first.get_attribute("id") != before
    page.goto(platform.address("app", "/atelier/branding/portal/"))
    page.get_by_label("Welcome message").fill("Only **tried**")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".sample--light .prose strong")).to_have_text("tried")


@pytest.mark.parametrize(
    ("email", "slug"), [("alice@northwind.example", "northwind"), ("hugo@harbour.example", "harbour")]
)
def test_every_tab_is_accessible_and_fits_a_phone(
    email: str, slug: str, platform: Running, new_page: NewPage
) -> None:
    for size, dark in ((PHONE, False), (DESK, True)):
        page = new_page(size, dark=dark)
        for tab in TABS:
            _open(platform, page, email, slug, tab)
            assert violations(page) == [], tab
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab

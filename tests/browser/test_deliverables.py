"""Reviewing in a real browser: pins, the decision within reach of the thumb, with and without scripts."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running
from tests.processes import wait_until

EMMA = "emma@lund.example"  # client of Atelier Sol, whom no other browser test signs in
ATELIER = "atelier"


def _sign_in(platform: Running, page: Page, path: str) -> None:
    before = len([m for m in platform.mails(EMMA) if "Sign in" in m["subject"]])
    page.goto(platform.address(ATELIER, path))
    page.get_by_label("E-mail").fill(EMMA)
    page.get_by_role("button", name="Mail me a sign-in link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    link = re.search(r"http://\S+/enter/\S+", platform.mail(EMMA, "Sign in", after=before)["text"])
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Sign in", exact=True).click()


def _ready_link(platform: Running) -> str:
    """The way that the mail shows: straight to the version. The demo tells it together with what else is new."""
    found = re.search(
        r"http://\S+?(/deliverables/\d+/versions/2/)", platform.mail(EMMA, "new things for you")["text"]
    )
    assert found
    return found[1]


def test_from_the_mail_to_an_approval_on_a_phone(platform: Running, new_page: NewPage) -> None:
    page = new_page(PHONE)
    path = _ready_link(platform)
    _sign_in(platform, page, path)
    expect(page.get_by_role("heading", name="Homepage design")).to_be_visible()

    page.get_by_role("link", name="Request changes").click()
    expect(page.get_by_role("dialog").get_by_label("What should change?")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()

    page.locator("[data-pin-layer]").click(position={"x": 120, "y": 40})
    page.get_by_label("Your comment").fill("The sun could be a little smaller.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("is told by mail")).to_be_visible()
    expect(page.get_by_role("link", name="Comment 2")).to_have_count(1)

    button = page.get_by_role("button", name="Approve", exact=True)
    box = button.bounding_box()
    assert box and box["height"] >= 44 and PHONE["height"] / 2 < box["y"] < PHONE["height"] - 44
    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You can take it back until")).to_be_visible()
    expect(page.get_by_text("sha256")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    # By itself or with what else happened in these seconds.
    wait_until(lambda: _is_told(platform, "approved Homepage design"), 20, "the lead is told")


def _is_told(platform: Running, words: str) -> bool:
    return any(words in mail["subject"] + mail["text"] for mail in platform.mails("sol@atelier.example"))


def test_without_scripts_everything_can_be_said_and_taken_back(platform: Running, new_page: NewPage) -> None:
    page = new_page(DESK, scripts=False)
    _sign_in(platform, page, _ready_link(platform))
    page.get_by_text("Place it by numbers").click()
    page.get_by_label("Your comment").fill("Here, by numbers.")
    page.get_by_label("From the left, %").fill("50")
    page.get_by_label("From the top, %").fill("25")
    page.get_by_role("button", name="Comment", exact=True).click()
    pinned = page.locator("svg.pin").filter(has=page.locator("a")).last
    assert (pinned.get_attribute("x"), pinned.get_attribute("y")) == ("50.00%", "25.00%")

    page.get_by_role("link", name="Request changes").click()
    page.get_by_label("What should change?").fill("A little darker.")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_text("A little darker.")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("link", name="Request changes")).to_be_visible()


def test_the_pages_are_accessible_and_fit_a_phone(platform: Running, new_page: NewPage) -> None:
    found: list[str] = []
    path = _ready_link(platform)
    page = new_page(PHONE)
    _sign_in(platform, page, "/deliverables/")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for shown in ("/deliverables/", path, path.replace("/2/", "/1/"), path + "changes/"):
                page.goto(platform.address(ATELIER, shown))
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                faults = [*violations(page), *(["too wide"] if wide else [])]
                found += [f"{shown} {size['width']} {scheme}: {fault}" for fault in faults]
    assert found == []

"""Somebody who does not program builds "invoice created → invite", with scripts and without; it invites once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running
from tests.browser.walking import sign_in_staff

# A client of Harbour, whom no other browser test signs in there.
TOM = "tom@becker.example"
INVITED = "Harbour & Co: your portal is ready"


def _build(platform: Running, page: Page, name: str) -> None:
    page.goto(platform.address("app", "/harbour/workflows/"))
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make it").click()
    page.get_by_label("When").select_option(label="An invoice is issued")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("When an invoice is issued …", exact=True)).to_be_visible()
    page.get_by_label("A condition").select_option(label="The amount")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Number").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("the amount is over 1", exact=True)).to_be_visible()
    page.get_by_label("What happens next").select_option(label="Wait")
    page.get_by_role("button", name="Add (What happens next)").click()
    page.get_by_label("How long").fill("3")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("What happens next").select_option(label="Invite to the portal")
    page.get_by_role("button", name="Add (What happens next)").click()
    expect(page.get_by_text("Invite the client, if they have never signed in.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Up: Invite the client").click()
    expect(page.get_by_role("button", name="Down: Invite the client")).to_be_visible()
    page.get_by_role("button", name="Remove: Wait 3 days").click()
    expect(page.get_by_text("Wait 3 days.", exact=True)).to_have_count(0)


def _issue_a_copy(platform: Running, page: Page) -> None:
    page.goto(platform.address("app", "/harbour/invoices/?q=Becker"))
    page.locator("main table tbody a").first.click()
    page.get_by_role("button", name="Copy as a new draft").click()
    page.goto(page.url.replace("edit/", ""))
    page.get_by_role("button", name="Send invoice").click()
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("not opened yet")).to_be_visible()


def test_a_workflow_built_by_hand_and_fired_twice_invites_once(platform: Running, new_page: NewPage) -> None:
    page = new_page(DESK)
    sign_in_staff(platform, page, "hugo@harbour.example", "/harbour/")
    _build(platform, page, "New invoices")
    assert violations(page) == []
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("begins with what happens from now on")).to_be_visible()
    editor = page.url
    for _ in range(2):
        _issue_a_copy(platform, page)
    platform.mail(TOM, INVITED)
    page.goto(editor + "runs/")
    expect(page.get_by_role("row", name=re.compile("Tom Becker"))).to_have_count(2)
    assert len([mail for mail in platform.mails(TOM) if mail["subject"] == INVITED]) == 1
    page.get_by_role("link", name="Tom Becker").first.click()
    expect(page.get_by_text(re.compile("is invited already|leads to Invoice"))).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_it_is_built_without_scripts_too(platform: Running, new_page: NewPage, size: dict[str, int]) -> None:
    page = new_page(size, scripts=False)
    sign_in_staff(platform, page, "hugo@harbour.example", "/harbour/")
    _build(platform, page, f"Without scripts {size['width']}")
    page.get_by_role("link", name="Look back").click()
    expect(page.get_by_role("heading", name=re.compile("It would have begun"))).to_be_visible()

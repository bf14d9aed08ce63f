"""A client pays an invoice in a real browser, on a phone: as it should go, and as it goes wrong."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from infra.stripe_simulator.running import ASKS_ALWAYS, DECLINED
from modules.invoices import operations
from modules.invoices.models import Invoice, State
from portal.payments import checkout
from portal.payments.models import Concern, LedgerEntry, Payment, PaymentState
from portal.people.models import Staff
from tenants.agencies.current import inside
from tests.cast import portal_browser
from tests.modules.invoices.scene import a_draft, fresh, issued, northwind_bills
from tests.portal.payments.conftest import Till
from tests.portal.payments.live import form_of, maria_of, page_of, shot
from tests.running_jobs import run_jobs

PAID = "Paid, thank you"


def sent(live: Till, minor: int = 100_00) -> Invoice:
    """An invoice that Maria's company got by mail."""
    maria = maria_of(live.agency)
    with inside(live.agency):
        northwind_bills()
        invoice = issued(maria.companies.get(), Staff.objects.get(), minor)
    run_jobs()
    return invoice


def phone(live: Till, browser: Browser) -> Page:
    """Maria's, on which she has signed in before."""
    origin = live.agency.portal_url("").rstrip("/")
    return page_of(browser, origin, portal_browser(live.agency, maria_of(live.agency)).cookies)


def link_of_mail() -> str:
    """Where the button of Maria's newest mail leads."""
    [newest, *_] = [one for one in reversed(mail.outbox) if one.to == ["maria@client.example"]]
    [link] = re.findall(r"http://\S+/invoices/\d+/", str(newest.body))
    return str(link)


def to_form(page: Page) -> None:
    """From the mail to the form: two taps."""
    page.goto(link_of_mail())
    page.get_by_role("button", name=re.compile("^Pay €100.00")).click()
    expect(form_of(page).locator("input[name=number]")).to_be_visible()


def typed(page: Page, card: str) -> None:
    """Another card than the one that stands there, and pay.

    By key, as all buttons in the frame: it takes its content's height at any moment, and moves away under a click.
    """
    form_of(page).locator("input[name=number]").fill(card)
    form_of(page).locator("button.primary").press("Enter")


def charges(live: Till) -> list[int]:
    with inside(live.agency):
        return list(LedgerEntry.objects.filter(kind="charge").values_list("minor", flat=True))


def now(live: Till, invoice: Invoice) -> Invoice:
    live.stripe.quiet()
    run_jobs()
    with inside(live.agency):
        return fresh(invoice)


def test_from_the_mail_to_paid_in_three_taps(live: Till, browser: Browser) -> None:
    invoice, page = sent(live), phone(live, browser)
    page.goto(link_of_mail())  # 1
    shot(page, "invoice-390")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Pay €100.00").click()  # 2
    form_of(page).locator("button.primary").press("Enter")  # 3; the test's card stands there
    expect(page.get_by_role("heading", name=PAID)).to_be_visible()
    shot(page, "paid-390")
    paid = now(live, invoice)
    assert (paid.state, paid.due_minor, charges(live)) == (State.PAID, 0, [100_00])
    with inside(live.agency):
        assert LedgerEntry.objects.get().client == maria_of(live.agency), "who paid is on the entry"
    assert "€100.00 has arrived" in mail.outbox[-1].body
    page.get_by_role("link", name=re.compile("^Back to")).click()
    expect(page.get_by_text("Thank you!")).to_be_visible()
    page.context.close()


def test_a_card_that_fails_leaves_the_form_for_another(live: Till, browser: Browser) -> None:
    invoice, page = sent(live), phone(live, browser)
    to_form(page)
    typed(page, DECLINED)
    expect(form_of(page).get_by_text("declined").first).to_be_visible()
    assert now(live, invoice).state == State.ISSUED and charges(live) == []
    typed(page, "5555555555554444")
    expect(page.get_by_role("heading", name=PAID)).to_be_visible()
    assert now(live, invoice).state == State.PAID and charges(live) == [100_00]
    page.context.close()


def test_three_d_secure_fails_and_then_passes(live: Till, browser: Browser) -> None:
    invoice, page = sent(live), phone(live, browser)
    to_form(page)
    typed(page, ASKS_ALWAYS)
    form_of(page).get_by_role("button", name="Refuse").press("Enter")
    expect(form_of(page).get_by_text("Nothing was paid")).to_be_visible()
    assert now(live, invoice).state == State.ISSUED and charges(live) == []
    typed(page, ASKS_ALWAYS)
    form_of(page).get_by_role("button", name="Confirm with bank").press("Enter")
    expect(page.get_by_role("heading", name=PAID)).to_be_visible()
    assert now(live, invoice).state == State.PAID and charges(live) == [100_00]
    page.context.close()


def test_of_two_tabs_only_the_newer_one_can_pay(live: Till, browser: Browser) -> None:
    invoice, old = sent(live), phone(live, browser)
    to_form(old)
    new = old.context.new_page()
    to_form(new)
    typed(old, "4242424242424242")
    expect(form_of(old).get_by_text("expired")).to_be_visible()
    typed(new, "4242424242424242")
    expect(new.get_by_role("heading", name=PAID)).to_be_visible()
    old.reload()
    expect(old.get_by_role("heading", name="This payment page has ended")).to_be_visible()
    shot(old, "ended-390")
    old.get_by_role("button", name="Start afresh").click()
    expect(old.get_by_text("What is to be paid has changed since then")).to_be_visible()
    expect(old.get_by_text("Thank you!")).to_be_visible()
    assert now(live, invoice).over_minor == 0 and charges(live) == [100_00]
    old.context.close()


def test_one_form_open_twice_is_paid_once(live: Till, browser: Browser) -> None:
    invoice, one = sent(live), phone(live, browser)
    to_form(one)
    other = one.context.new_page()
    other.goto(one.url)
    typed(one, "4242424242424242")
    expect(one.get_by_role("heading", name=PAID)).to_be_visible()
    typed(other, "4242424242424242")
    expect(other.get_by_role("heading", name=PAID)).to_be_visible()
    assert now(live, invoice).over_minor == 0 and charges(live) == [100_00]
    one.context.close()


def test_money_that_came_twice_after_all_is_kept_flagged_and_can_go_back(
    live: Till,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two tabs in the same moment: neither saw the other's session."""
    monkeypatch.setattr(checkout, "end_older", lambda payable: None)
    invoice, one = sent(live), phone(live, browser)
    to_form(one)
    other = one.context.new_page()
    to_form(other)
    for tab in (one, other):
        typed(tab, "4242424242424242")
        expect(tab.get_by_role("heading", name=PAID)).to_be_visible()
    twice = now(live, invoice)
    assert (twice.state, twice.over_minor, charges(live)) == (State.PAID, 100_00, [100_00, 100_00])
    other.goto(link_of_mail())
    expect(other.get_by_text("€100.00 more than owed was paid")).to_be_visible()
    shot(other, "overpaid-390")
    with inside(live.agency):
        concern = Concern.objects.get()
        assert (concern.kind, concern.minor) == (Concern.Kind.OVERPAID, 100_00)
    assert any("needs you" in one.subject for one in mail.outbox)
    one.context.close()


def test_three_hours_late_the_form_has_ended_and_a_fresh_one_is_one_tap_away(
    live: Till,
    browser: Browser,
) -> None:
    invoice, page = sent(live), phone(live, browser)
    to_form(page)
    with inside(live.agency):
        begun = Payment.objects.get()
        Payment.objects.update(created_at=begun.created_at - timedelta(hours=3))
    page.reload()
    expect(page.get_by_role("heading", name="This payment page has ended")).to_be_visible()
    expect(page.get_by_text("Nothing was charged here")).to_be_visible()
    page.get_by_role("button", name="Start afresh").click()
    form_of(page).locator("button.primary").press("Enter")
    expect(page.get_by_role("heading", name=PAID)).to_be_visible()
    assert now(live, invoice).state == State.PAID and charges(live) == [100_00]
    with inside(live.agency):
        assert set(Payment.objects.values_list("state", flat=True)) == {
            PaymentState.EXPIRED,
            PaymentState.SUCCEEDED,
        }
    page.context.close()


def test_back_before_the_webhook_it_is_paid_and_the_webhook_adds_nothing(
    live: Till,
    browser: Browser,
) -> None:
    invoice, page = sent(live), phone(live, browser)
    to_form(page)
    live.stripe.pause()
    try:
        typed(page, "4242424242424242")
        expect(page.get_by_role("heading", name=PAID)).to_be_visible()
        assert charges(live) == [100_00], "booked by the return page alone"
        held: list[Any] = live.stripe.held()
        assert held
        live.stripe.release("reversed")
    finally:
        live.stripe.resume()
    assert now(live, invoice).over_minor == 0 and charges(live) == [100_00]
    page.context.close()


def test_she_lets_the_rest_be_paid_by_itself_and_finds_the_card_in_the_portal(
    live: Till,
    browser: Browser,
) -> None:
    maria = maria_of(live.agency)
    with inside(live.agency):
        northwind_bills()
        draft = a_draft(maria.companies.get(), Staff.objects.get())
        operations.set_plan(draft, operations.parts_of(100_00, count=4), by=None)
        invoice = operations.issue(draft, by=None)
    run_jobs()
    page = phone(live, browser)
    page.goto(link_of_mail())
    shot(page, "plan-390")
    page.get_by_label(re.compile("Pay the rest automatically")).check()
    page.get_by_role("button", name=re.compile("^Pay €25.00")).click()
    form_of(page).locator("button.primary").press("Enter")
    expect(page.get_by_role("heading", name=PAID)).to_be_visible()
    page.get_by_role("link", name=re.compile("^Back to")).click()
    expect(page.get_by_text("Visa ending in 4242 is charged automatically")).to_be_visible()
    shot(page, "autopay-390")
    due_on = now(live, invoice).next_due_on
    assert due_on is not None
    page.get_by_role("link", name="Change the card").click()
    page.get_by_role("button", name="Add a card or account").click()
    form_of(page).locator("input[name=number]").fill("5555555555554444")
    form_of(page).locator("button.primary").press("Enter")
    expect(page.get_by_text("Mastercard ending in 4444 is saved")).to_be_visible()
    for day, count in ((due_on - timedelta(days=3), 1), (due_on, 2)):
        with inside(live.agency), time_machine.travel(f"{day} 11:00Z"):
            operations.charge_due()
        assert len(charges(live)) == count
    page.goto(link_of_mail())
    expect(page.get_by_text("€50.00").first).to_be_visible()
    page.goto(f"{page.url.split('/invoices/')[0]}/payments/methods/")
    expect(page.get_by_text("In use")).to_be_visible()
    shot(page, "methods-390")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Use this one").click()
    expect(page.get_by_text("Visa ending in 4242 is the one that is charged")).to_be_visible()
    page.get_by_role("button", name="Remove").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Visa ending in 4242 is removed")).to_be_visible()
    page.context.close()

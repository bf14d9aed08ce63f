"""A real browser buys each kind of offer: web server, worker, webhooks and simulator are real."""

import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Locator, Page, expect

from infra.embedded.processes import free_port
from infra.stripe_simulator.running import ASKS_ALWAYS, DECLINED, Simulator
from modules.subscriptions.jobs import climb
from modules.subscriptions.models import Offer, Subscription
from modules.subscriptions.operations import create_coupon
from portal.entitlements.queries import may_use
from portal.payments.queries import balance_of
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tests.cast import portal_browser
from tests.modules.subscriptions.conftest import open_till
from tests.modules.subscriptions.scene import COURSE, Till, make_offer
from tests.portal.payments.live import page_of, served
from tests.processes import program, wait_until

WORKER = ("-m", "dramatiq", "config.worker", "--processes", "1", "--threads", "4")
PASSES, PHONE = "4242424242424242", 390
PATIENCE = 20_000  # other tests run on this machine


@pytest.fixture
def shop(committed_db: None, settings: Any, simulator: Simulator) -> Iterator[Till]:
    """Northwind's portal on a port, with a worker; the simulator tells it everything."""
    port = free_port()
    settings.PORTICO_PORT_SUFFIX = f":{port}"
    settings.DEBUG = False
    agency = Agency.objects.get(slug="northwind").current()
    with served(port):
        till = open_till(simulator, settings, agency)
        simulator.deliver_to(connect=f"http://localhost:{port}/stripe/webhooks/connect/")
        with program(*WORKER, **simulator.environment()):
            with inside(agency):
                climb.send()
            wait_until(lambda: not waiting(), 40, "the worker works")
            yield till
            simulator.quiet()
            simulator.deliver_to()


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dramatiq.queue WHERE state IN ('queued', 'consumed')")
        return int(cursor.fetchone()[0])


def tom_of(shop: Till) -> Client:
    with inside(shop.agency):
        return Client.objects.get(email="tom@client.example")


def offered(shop: Till, **fields: Any) -> Offer:
    with inside(shop.agency):
        return make_offer(**fields)


def at_offer(shop: Till, browser: Browser, offer: Offer, tom: Client, *, dark: bool = False) -> Page:
    """Tom's phone on the page behind the link."""
    origin = shop.agency.portal_url("").rstrip("/")
    page = page_of(browser, origin, portal_browser(shop.agency, tom).cookies, width=PHONE, dark=dark)
    page.set_default_timeout(30_000)
    page.goto(f"{origin}/subscriptions/offers/{offer.slug}/")
    return page


def type_card(page: Page, number: str) -> Any:
    """Type a card into Stripe's form and pay."""
    form = page.frame_locator("iframe[name=embedded-checkout]")
    form.locator("input[name=number]").fill(number)
    form.locator("button.primary").click()
    return form


def bought(shop: Till) -> Subscription:
    with inside(shop.agency):
        return Subscription.objects.get()


def is_open(shop: Till, tom: Client) -> bool:
    with inside(shop.agency):
        return may_use(tom, COURSE)


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SUBSCRIPTION_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def test_a_recurring_offer_declined_asked_for_3d_secure_and_paid(shop: Till, browser: Browser) -> None:
    tom, offer = tom_of(shop), offered(shop)
    page = at_offer(shop, browser, offer, tom)
    shot(page, "offer")
    button(page, "Go on to the payment").click()
    form = type_card(page, DECLINED)
    expect(form.get_by_text("declined").first).to_be_visible(timeout=PATIENCE)
    form = type_card(page, ASKS_ALWAYS)
    form.get_by_role("button", name="Refuse").press("Enter")
    expect(form.locator("input[name=number]")).to_be_visible(timeout=PATIENCE)
    assert not is_open(shop, tom)
    form = type_card(page, ASKS_ALWAYS)
    form.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Thank you. You have Care now")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name=re.compile("Care Active"))).to_be_visible(timeout=PATIENCE)
    shot(page, "paid")
    assert is_open(shop, tom)
    with inside(shop.agency):
        assert balance_of(bought(shop).source) == {"EUR": 4900}
    page.context.close()


def test_a_closed_browser_is_made_good_by_the_webhook(shop: Till, browser: Browser) -> None:
    """Nobody comes back from the checkout: inbox and worker alone open it."""
    tom, offer = tom_of(shop), offered(shop)
    page = at_offer(shop, browser, offer, tom)
    button(page, "Go on to the payment").click()
    expect(page.frame_locator("iframe[name=embedded-checkout]").locator("input[name=number]")).to_be_visible(
        timeout=PATIENCE
    )
    page.context.close()
    shop.simulator.pay(shop.account, bought(shop).session_id, PASSES)
    took = wait_until(lambda: is_open(shop, tom), 20, "the webhook has opened it")
    print(f"\nopen {took:.2f} s after the payment")
    # And what Stripe changes later, it shows, too.
    with inside(shop.agency):
        client, options = stripe_of_agency()
        client.v1.subscriptions.update(str(bought(shop).stripe_id), {"cancel_at_period_end": True}, options)
    took = wait_until(lambda: bought(shop).is_ending, 20, "the cancellation shows")
    print(f"ending {took:.2f} s after Stripe said so")


def test_instalments_a_single_payment_and_something_free(shop: Till, browser: Browser) -> None:
    tom = tom_of(shop)
    parts = offered(shop, name="Course", kind="instalments", instalments=3, minor=9900, grants=["a.b:1"])
    page = at_offer(shop, browser, parts, tom, dark=True)
    expect(page.get_by_text("3 × €99.00, one a month")).to_be_visible(timeout=PATIENCE)
    button(page, "Go on to the payment").click()
    type_card(page, PASSES)
    expect(page.get_by_text("You have Course now")).to_be_visible(timeout=PATIENCE)
    once = offered(shop, name="Archive", kind="one_time", minor=19000)
    with inside(shop.agency):
        create_coupon(code="SPRING", offer=once, percent=Decimal(20), by=None)
    page.goto(page.url.split("/subscriptions/")[0] + f"/subscriptions/offers/{once.slug}/")
    page.get_by_text("Do you have a code?").click()
    page.get_by_label("Code").fill("wrong")
    button(page, "Use it").click()
    expect(page.get_by_text("does not work here")).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Code").fill("spring")
    button(page, "Use it").click()
    expect(page.get_by_text("You pay €152.00 with the code SPRING.")).to_be_visible(timeout=PATIENCE)
    shot(page, "code-dark")
    button(page, "Go on to the payment").click()
    form = type_card(page, DECLINED)
    expect(form.get_by_text("declined").first).to_be_visible(timeout=PATIENCE)
    assert not is_open(shop, tom)
    type_card(page, PASSES)
    expect(page.get_by_role("heading", name="Paid, thank you")).to_be_visible(timeout=PATIENCE)
    assert is_open(shop, tom)
    free = offered(shop, name="Circle", kind="free", minor=0, currency="", grants=["a.b:2"])
    page.goto(page.url.split("/payments/")[0] + f"/subscriptions/offers/{free.slug}/")
    button(page, "Get it").click()
    expect(page.get_by_text("You have Circle now")).to_be_visible(timeout=PATIENCE)
    shot(page, "free-dark")
    page.context.close()


def test_a_client_changes_pauses_cancels_and_takes_it_back(shop: Till, browser: Browser) -> None:
    tom = tom_of(shop)
    offer = offered(shop, group="Plans", may_pause=True)
    offered(shop, name="Plus", minor=12900, group="Plans", may_pause=True)
    page = at_offer(shop, browser, offer, tom)
    button(page, "Go on to the payment").click()
    type_card(page, PASSES)
    expect(page.get_by_text("You have Care now")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Change plan").click()
    page.get_by_role("link", name="Plus").click()
    expect(page.get_by_text("Due now")).to_be_visible(timeout=PATIENCE)
    shot(page, "preview")
    button(page, "Change to Plus").click()
    expect(page.get_by_text("You have Plus now")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Pause").click()
    button(page, "Pause").click()
    expect(page.get_by_text("Paused. Nothing is charged")).to_be_visible(timeout=PATIENCE)
    button(page, "Go on now").click()
    expect(page.get_by_text("It goes on from now on")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("Why are you leaving?").fill("We do it ourselves now.")
    button(page, "Cancel").click()
    expect(page.get_by_text("Cancelled. It runs until")).to_be_visible(timeout=PATIENCE)
    button(page, "Keep it after all").click()
    expect(page.get_by_text("It goes on as before")).to_be_visible(timeout=PATIENCE)
    assert bought(shop).state == "active" and not bought(shop).is_ending
    shot(page, "kept")
    page.context.close()

"""A real browser pays in the embedded page, and connects an account: web server, webhooks and simulator are real."""

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, expect

from infra.stripe_simulator.running import ASKS_ALWAYS
from portal.payments.models import Concern, LedgerEntry, Payment, PaymentState
from tenants.accounts.models import Account
from tenants.agencies.current import inside
from tenants.gateway.models import ConnectAccount
from tests.cast import console_browser, portal_browser
from tests.portal.payments.conftest import Till
from tests.portal.payments.live import maria_of, page_of, shot
from tests.processes import wait_until
from tests.running_jobs import run_jobs


def test_maria_pays_on_her_phone_and_the_webhook_books_it(live: Till, browser: Browser) -> None:
    maria = maria_of(live.agency)
    payment = live.begun(maria)
    origin = live.agency.portal_url("").rstrip("/")
    page = page_of(browser, origin, portal_browser(live.agency, maria).cookies)
    page.goto(f"{origin}/payments/{payment.uid}/")
    form = page.frame_locator("iframe[name=embedded-checkout]")
    expect(form.locator("input[name=number]")).to_be_visible()
    shot(page, "pay-390-light")
    form.locator("input[name=number]").fill("4000000000000002")
    form.locator("button.primary").click()
    expect(form.get_by_text("declined").first).to_be_visible()
    form.locator("input[name=number]").fill("4242424242424242")
    form.locator("button.primary").click()
    expect(page.get_by_role("heading", name="Paid, thank you")).to_be_visible()
    shot(page, "done-390-light")
    live.stripe.quiet()
    run_jobs()
    with inside(live.agency):
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.SUCCEEDED
        assert LedgerEntry.objects.get().minor == 10_000
    page.context.close()


def test_a_lost_return_is_booked_by_the_real_webhook_alone(live: Till) -> None:
    payment = live.begun(maria_of(live.agency))
    live.pay(payment)
    live.stripe.quiet()
    wait_until(lambda: bool(run_jobs()) or bool(_paid(live)), 10, "the webhook's job")
    assert _paid(live)


def _paid(live: Till) -> bool:
    with inside(live.agency):
        return LedgerEntry.objects.exists()


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False), (1280, True)])
def test_the_console_connects_and_shows_what_waits(
    live: Till, browser: Browser, width: int, dark: bool
) -> None:
    maria = maria_of(live.agency)
    payment = live.begun(maria)
    live.pay(payment)
    with inside(live.agency):
        Payment.objects.filter(pk=payment.pk).update(minor=10_001)
    live.begun(maria)
    live.stripe.quiet()
    run_jobs()
    alice = Account.objects.get(email="alice@northwind.example")
    origin = f"http://app.{django_settings.PORTICO_HOST}{django_settings.PORTICO_PORT_SUFFIX}"
    page = page_of(browser, origin, console_browser(alice).cookies, width=width, dark=dark)
    page.goto(f"{origin}/northwind/payments/")
    expect(page.get_by_text("Waiting for you")).to_be_visible()
    shot(page, f"console-{width}-{'dark' if dark else 'light'}")
    page.goto(f"{origin}/northwind/payments/{payment.uid}/")
    shot(page, f"show-{width}-{'dark' if dark else 'light'}")
    ConnectAccount.objects.all().delete()
    page.goto(f"{origin}/northwind/payments/")
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Connect Stripe").click()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Your clients can pay by card")).to_be_visible()
    shot(page, f"connected-{width}-{'dark' if dark else 'light'}")
    with inside(live.agency):
        assert Concern.objects.count() == 1
    page.context.close()


def test_three_d_secure_refused_leaves_it_open(live: Till, browser: Browser) -> None:
    maria = maria_of(live.agency)
    payment = live.begun(maria)
    origin = live.agency.portal_url("").rstrip("/")
    page = page_of(browser, origin, portal_browser(live.agency, maria).cookies, width=1280, dark=True)
    page.goto(f"{origin}/payments/{payment.uid}/")
    form = page.frame_locator("iframe[name=embedded-checkout]")
    form.locator("input[name=number]").fill(ASKS_ALWAYS)
    form.locator("button.primary").click()
    form.get_by_role("button", name="Refuse").press("Enter")
    expect(form.locator("input[name=number]")).to_be_visible()
    shot(page, "refused-1280-dark")
    page.goto(f"{origin}/payments/{payment.uid}/done/")
    expect(page.get_by_role("heading", name="Not paid yet")).to_be_visible()
    shot(page, "open-1280-dark")
    page.context.close()

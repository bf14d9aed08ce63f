"""The simulator's pages in a real browser, at the width of a phone."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe
from playwright.sync_api import FrameLocator, Page, expect

from infra.stripe_simulator import running as cards
from infra.stripe_simulator.running import Simulator
from tests.browser.conftest import violations
from tests.infra.stripe_simulator.conftest import one_line, open_session

PORTAL = """<!doctype html><html lang="en"><title>Invoice 17</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<main><h1>Invoice 17</h1><div id="place"></div></main><script src="{script}"></script><script>
(async () => {{
  const stripe = Stripe("pk_test_simulator", {{stripeAccount: "{account}"}});
  const page = await stripe.createEmbeddedCheckoutPage({{
    fetchClientSecret: async () => "{secret}", onComplete: () => document.title = "paid without leaving"}});
  page.mount("#place");
}})();
</script></html>"""
NOTHING_IS_CHARGED = re.compile("Test payments: nothing is charged")


class Portal(ThreadingHTTPServer):
    """A page of the platform with an embedded payment in it, allowed no more than the platform's policy allows."""

    daemon_threads = True

    def __init__(self, policy: str) -> None:
        super().__init__(("127.0.0.1", 0), PortalPage)
        self.policy = policy
        self.html = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class PortalPage(BaseHTTPRequestHandler):
    server: Portal

    def do_GET(self) -> None:
        done = (
            "<!doctype html><html lang=en><title>Done</title><main><h1>Back at the portal</h1></main></html>"
        )
        html = self.server.html if self.path == "/invoice" else done
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def portal(simulator: Simulator) -> Iterator[Portal]:
    here = simulator.pages
    policy = f"default-src 'none'; script-src 'unsafe-inline' {here}; frame-src {here}; img-src data:"
    server = Portal(policy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _embed(portal: Portal, simulator: Simulator, account: str, session: Any) -> None:
    script = simulator.settings()["STRIPE_JS_URL"]
    portal.html = PORTAL.format(script=script, account=account, secret=session.client_secret)


def _fill(frame: FrameLocator, number: str) -> None:
    frame.get_by_label("Card number").fill(number)
    frame.get_by_role("button", name=re.compile("^Pay")).click()


def test_somebody_pays_inside_the_portal_after_a_declined_card_and_a_bank_that_asks(
    simulator: Simulator, client: stripe.StripeClient, agency: str, portal: Portal, page: Page
) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
    session = open_session(
        client,
        agency,
        return_url=f"{portal.address}/done?s={{CHECKOUT_SESSION_ID}}",
        customer_email="maria@client.test",
    )
    _embed(portal, simulator, agency, session)
    page.goto(f"{portal.address}/invoice")
    frame = page.frame_locator("iframe[name=embedded-checkout]")
    expect(frame.get_by_text(NOTHING_IS_CHARGED)).to_be_visible()
    expect(frame.get_by_text("Receipt to maria@client.test")).to_be_visible()
    _fill(frame, "4000 0000 0000 0002")
    expect(frame.get_by_role("alert")).to_have_text("Your card was declined.")
    _fill(frame, "4000 0027 6000 3184")
    frame.get_by_role("button", name="Refuse").click()
    expect(frame.get_by_role("alert")).to_contain_text("Nothing was paid")
    _fill(frame, "4000 0027 6000 3184")
    frame.get_by_role("button", name="Confirm with bank").click()
    page.wait_for_url(f"**/done?s={session.id}")
    expect(page.get_by_role("heading", name="Back at the portal")).to_be_visible()
    paid = client.v1.checkout.sessions.retrieve(session.id, {}, {"stripe_account": agency})
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert hosts <= {"127.0.0.1", "localhost"}


def test_one_tap_pays_and_a_page_that_wants_no_redirect_is_told(
    simulator: Simulator, client: stripe.StripeClient, agency: str, portal: Portal, page: Page
) -> None:
    given: Any = {
        "mode": "payment",
        "ui_mode": "embedded_page",
        "redirect_on_completion": "never",
        "line_items": one_line(),
        "customer_email": "maria@client.test",
    }
    session = client.v1.checkout.sessions.create(given, {"stripe_account": agency})
    _embed(portal, simulator, agency, session)
    page.goto(f"{portal.address}/invoice")
    page.frame_locator("iframe[name=embedded-checkout]").get_by_role("button", name="Pay 24.00 EUR").click()
    expect(page).to_have_title("paid without leaving")


def test_the_frame_is_as_high_as_what_is_in_it_and_as_narrow_as_a_phone(
    simulator: Simulator, client: stripe.StripeClient, agency: str, portal: Portal, page: Page
) -> None:
    _embed(portal, simulator, agency, open_session(client, agency))
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{portal.address}/invoice")
    frame = page.frame_locator("iframe[name=embedded-checkout]")
    frame.get_by_text("Other test cards").click()
    frame.get_by_text("is declined", exact=True).click()
    expect(frame.get_by_label("Card number")).to_have_value("4000 0000 0000 0002")
    inner = next(one for one in page.frames if one.name == "embedded-checkout")
    for _ in range(50):
        if not (hidden := inner.evaluate("document.documentElement.scrollHeight > innerHeight + 2")):
            break
        page.wait_for_timeout(100)
    assert not hidden
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_old_names_of_stripe_js_say_what_to_use(simulator: Simulator, page: Page) -> None:
    page.goto(f"{simulator.pages}/")
    script = simulator.settings()["STRIPE_JS_URL"]
    page.add_script_tag(url=script)
    said = page.evaluate(
        "() => { try { Stripe('pk_test_x').initEmbeddedCheckout({}) } catch (error) { return error.message } }"
    )
    assert said == "The Stripe simulator has no initEmbeddedCheckout: use createEmbeddedCheckoutPage."
    said = page.evaluate("() => { try { Stripe('pk_live_x') } catch (error) { return error.message } }")
    assert "pk_test_" in said


def test_the_hosted_page_goes_back_to_the_platform(
    simulator: Simulator, client: stripe.StripeClient, portal: Portal, page: Page
) -> None:
    price = client.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 4900,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Starter"},
        }
    )
    coupon = client.v1.coupons.create({"percent_off": 50, "duration": "forever"})
    client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HALF"})
    given: Any = {
        "mode": "subscription",
        "line_items": [{"price": price.id, "quantity": 1}],
        "success_url": f"{portal.address}/done?s={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{portal.address}/back",
        "allow_promotion_codes": True,
    }
    session = client.v1.checkout.sessions.create(given)
    page.goto(str(session.url))
    assert violations(page) == []
    expect(page.get_by_role("link", name="Back without paying")).to_be_visible()
    page.get_by_text("Promotion code").click()
    page.get_by_label("Code", exact=True).fill("half")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("-24.50 EUR")).to_be_visible()
    page.get_by_label("Email").fill("agency@x.test")
    page.get_by_role("button", name="Subscribe 24.50 EUR").click()
    page.wait_for_url("**/done?s=cs_test_*")
    done: Any = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (done.payment_status, done.invoice.total, done.customer_details.email) == (
        "paid",
        2450,
        "agency@x.test",
    )


def test_an_agency_connects_with_one_tap(
    simulator: Simulator, client: stripe.StripeClient, portal: Portal, page: Page
) -> None:
    account = simulator.account(active=False, name="Northwind")
    onboarding: Any = {
        "configurations": ["merchant"],
        "refresh_url": f"{portal.address}/again",
        "return_url": f"{portal.address}/connected",
    }
    case: Any = {"type": "account_onboarding", "account_onboarding": onboarding}
    link = client.v2.core.account_links.create({"account": account, "use_case": case})
    page.goto(link.url)
    expect(page.get_by_role("heading", name="Take payments as Northwind")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url("**/connected")
    found: Any = client.v2.core.accounts.retrieve(account, {"include": ["configuration.merchant"]})
    assert found.configuration.merchant.capabilities.card_payments.status == "active"


def test_the_billing_portal_changes_the_card_and_ends_the_plan(
    simulator: Simulator, client: stripe.StripeClient, page: Page
) -> None:
    price = client.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 4900,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Starter"},
        }
    )
    customer = client.v1.customers.create({"email": "agency@x.test", "payment_method": "pm_card_visa"})
    saved = client.v1.customers.payment_methods.list(customer.id).data[0].id
    made = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "default_payment_method": saved}
    )
    session = client.v1.billing_portal.sessions.create({"customer": customer.id})
    page.goto(session.url)
    assert violations(page) == []
    page.get_by_role("button", name="Cancel at the end of the period").click()
    page.get_by_role("button", name="Keep it").wait_for()
    assert client.v1.subscriptions.retrieve(made.id).cancel_at_period_end
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Cancel at the end of the period").wait_for()
    page.get_by_label("New card number").fill(cards.MASTERCARD)
    page.get_by_role("button", name="Use this card").click()
    expect(page.get_by_text("Ends in 4444")).to_be_visible()
    assert client.v1.subscriptions.retrieve(made.id).default_payment_method != saved
    page.get_by_role("list").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Invoice")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_payment_page_is_accessible(
    simulator: Simulator, client: stripe.StripeClient, agency: str, page: Page, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    session = open_session(client, agency)
    page.goto(f"{simulator.pages}/embed/{agency}/{session.client_secret}")
    assert violations(page) == []
    page.get_by_text("Other test cards").click()
    assert violations(page) == []
    page.get_by_label("Email").fill("maria@client.test")
    page.get_by_label("Card number").fill(cards.DECLINED)
    page.get_by_role("button", name=re.compile("^Pay")).click()
    page.get_by_role("alert").wait_for()
    assert violations(page) == []


def test_a_page_needs_its_secret(
    simulator: Simulator, client: stripe.StripeClient, agency: str, page: Page
) -> None:
    session = open_session(client, agency)
    secret = str(session.client_secret)
    for address in (f"{agency}/{session.id}", f"{agency}/{secret}x", f"{simulator.PLATFORM}/{secret}"):
        answer = page.request.get(f"{simulator.pages}/embed/{address}")
        assert answer.status == 404
    assert page.request.get(f"{simulator.pages}/embed/{agency}/{secret}").status == 200
    client.v1.checkout.sessions.expire(session.id, {}, {"stripe_account": agency})
    assert page.request.get(f"{simulator.pages}/embed/{agency}/{secret}").status == 410


def test_another_sites_page_commands_nothing(simulator: Simulator, page: Page) -> None:
    plain = page.request.post(
        f"{simulator.base}/_control/state", data="{}", headers={"Content-Type": "text/plain"}
    )
    other = {"Content-Type": "application/json", "Origin": "https://evil.example"}
    foreign = page.request.post(f"{simulator.base}/_control/state", data="{}", headers=other)
    assert (plain.status, foreign.status) == (403, 403)

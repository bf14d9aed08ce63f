"""A simulator, the real client of Stripe, and somebody who takes the webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from infra.stripe_simulator.running import SECRETS, Simulator

Object = dict[str, Any]


def believed(body: bytes, signed: str, secret: str) -> Object:
    """The event of a webhook; thin ones are of API v2 and read by another of the library's functions."""
    found: Object = json.loads(body)
    if found["object"] == "v2.core.event":
        stripe.StripeClient("sk_test_x").parse_event_notification(body, signed, secret)
    else:
        stripe.Webhook.construct_event(body, signed, secret)
    return found


class Mailbox(ThreadingHTTPServer):
    """Takes webhooks at /platform and /connect, believes only what Stripe's own library believes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Opening)
        self.came: list[tuple[str, Object]] = []
        self.raw: list[tuple[bytes, str]] = []
        self.refuse = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def types(self, endpoint: str = "") -> list[str]:
        return [event["type"] for at, event in self.came if endpoint in at]


class Opening(BaseHTTPRequestHandler):
    server: Mailbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.headers["Stripe-Signature"]
        endpoint = self.path.strip("/")
        if self.server.refuse > 0:
            self.server.refuse -= 1
            self._say(500)
            return
        self.server.raw.append((body, signed))
        self.server.came.append((endpoint, believed(body, signed, SECRETS[endpoint])))
        self._say(200)

    def _say(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """One for the module; at its end it complains about what Stripe would never have sent."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    """The same, with nothing left of the test before but its objects."""
    running.deliver_to()
    running.resume()
    running.release()
    running.copies(1)
    running.clear_faults()
    running.after_dunning("cancel")
    return running


@pytest.fixture
def mailbox(simulator: Simulator) -> Iterator[Mailbox]:
    """Gets the simulator's webhooks."""
    taker = Mailbox()
    threading.Thread(target=taker.serve_forever, daemon=True).start()
    simulator.deliver_to(platform=f"{taker.address}/platform", connect=f"{taker.address}/connect")
    yield taker
    simulator.deliver_to()
    taker.shutdown()
    taker.server_close()


@pytest.fixture
def client(simulator: Simulator) -> stripe.StripeClient:
    return make_client(simulator)


def make_client(
    simulator: Simulator, retries: int = 0, key: str = "sk_test_simulator"
) -> stripe.StripeClient:
    """The real client; it asks no more often than it is told to."""
    return stripe.StripeClient(key, base_addresses={"api": simulator.base}, max_network_retries=retries)


@pytest.fixture
def agency(simulator: Simulator) -> str:
    """A connected account that may take payments."""
    return simulator.account()


def one_line(amount: int = 2400, currency: str = "eur", name: str = "Invoice 17") -> Any:
    """`line_items` of one thing."""
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}
    return [{"price_data": data, "quantity": 1}]


def open_session(client: stripe.StripeClient, account: str, amount: int = 2400, **more: Any) -> Any:
    """A session that a page of the platform may embed."""
    given: Any = {
        "mode": "payment",
        "ui_mode": "embedded_page",
        "return_url": "http://portal.test/done?session={CHECKOUT_SESSION_ID}",
        "line_items": one_line(amount),
        **more,
    }
    return client.v1.checkout.sessions.create(given, {"stripe_account": account})

"""Messages to other systems: signed, tried for a day, never into our own network, once for each step."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from kit import clock
from portal.people.models import Client, Staff
from portal.workflows import posting, webhooks
from portal.workflows.jobs import wake
from portal.workflows.models import Delivery, Run, WorkflowSettings
from portal.workflows.posting import BadAddress, check_address
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tests.portal.workflows.scene import a_workflow, set_off
from tests.running_jobs import run_jobs


class Receiver:
    """A web server of somebody else's, on this machine."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers.items()), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def on_scale(db: None) -> None:
    Agency.objects.filter(slug="northwind").update(plan=Plan.SCALE)


@pytest.mark.usefixtures("on_scale", "in_northwind")
class TestOnScale:
    def test_a_message_is_signed_and_sent_once(
        self, receiver: Receiver, tom: Client, alice_staff: Staff
    ) -> None:
        a_workflow(("workflows.webhook", {"url": receiver.url}), by=alice_staff)
        set_off(tom, alice_staff)
        (headers, body), row = receiver.got[0], Delivery.objects.get()
        assert row.state == "delivered" and row.code == 200 and row.attempts == 1
        wanted = webhooks.signature(
            webhooks.secret_of(0), headers["Webhook-Id"], headers["Webhook-Timestamp"], body
        )
        assert headers["Webhook-Signature"] == wanted and headers["Webhook-Id"] == str(row.pk)
        assert json.loads(body)["client"]["email"] == tom.email
        webhooks.deliver(str(row.pk))
        assert len(receiver.got) == 1

    def test_it_is_tried_at_least_eight_times_again_within_a_day(
        self, receiver: Receiver, tom: Client, alice_staff: Staff
    ) -> None:
        receiver.answers = [500] * 30
        a_workflow(("workflows.webhook", {"url": receiver.url}), by=alice_staff)
        began = clock.now()
        set_off(tom, alice_staff)
        last = began
        while (row := Delivery.objects.get()).next_at is not None:
            last = row.next_at
            with time_machine.travel(last, tick=False):
                wake.send()
                run_jobs()
        assert row.state == "failed" and row.code == 500 and len(receiver.got) == 9
        assert timedelta(hours=22) < last - began <= timedelta(hours=24)
        receiver.answers = []
        webhooks.replay(row)
        run_jobs()
        row.refresh_from_db()
        assert row.state == "delivered" and receiver.got[-1][0]["Webhook-Id"] == str(row.pk)

    def test_a_redirect_is_not_followed(self, receiver: Receiver, tom: Client, alice_staff: Staff) -> None:
        receiver.answers = [302]
        a_workflow(("workflows.webhook", {"url": receiver.url}), by=alice_staff)
        set_off(tom, alice_staff)
        row = Delivery.objects.get()
        assert row.code == 302 and row.state == "queued" and len(receiver.got) == 1

    def test_both_signatures_after_a_change(self) -> None:
        WorkflowSettings.objects.create(pk=1, secret_turn=1, secret_changed_at=clock.now())
        signed = webhooks.headers_of("x", b"{}", clock.now())["Webhook-Signature"].split()
        assert len(signed) == 2
        later = clock.now() + timedelta(days=2)
        assert len(webhooks.headers_of("x", b"{}", later)["Webhook-Signature"].split()) == 1


def test_below_scale_nothing_is_sent(
    receiver: Receiver, in_northwind: Any, tom: Client, alice_staff: Staff
) -> None:
    workflow = a_workflow(("people.invite", {}), by=alice_staff)
    content = {**workflow.draft}
    content["steps"] = [{"id": "w1", "do": "workflows.webhook", "settings": {"url": receiver.url}}]
    workflow.version.content = content  # type: ignore[union-attr]
    workflow.version.save()  # type: ignore[union-attr]
    set_off(tom, alice_staff)
    assert Run.objects.get().words == "Your plan does not have this." and not receiver.got


INNER = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://127.1/",
    "https://printer/",
    "https://db.internal/",
    "https://100.64.0.1/",
    "https://224.0.0.1/",
    "http://example.com/",
    "ftp://example.com/",
    "https://user:secret@example.com/",
    "https://example.com/a b",
    "https://example.com:99999/",
    "https://",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", INNER)
def test_inner_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        check_address(url)
    form = webhooks.WebhookForm({"url": url})
    assert not form.is_valid() and isinstance(form.errors.as_data()["url"][0], ValidationError)


def test_a_public_name_that_leads_inside_is_refused_when_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer)
    with pytest.raises(BadAddress):
        posting.post("https://rebound.example.com/", b"{}", {})


def test_a_public_address_is_taken() -> None:
    assert check_address("https://hooks.example.com/in?x=1") == "https://hooks.example.com/in?x=1"

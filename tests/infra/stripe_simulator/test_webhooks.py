"""Webhooks: signed as Stripe signs them, to the right endpoint, in whatever order a test wants."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from infra.stripe_simulator.running import SECRETS, Simulator
from tests.infra.stripe_simulator.conftest import Mailbox, open_session


def test_stripes_own_library_believes_the_signature_and_nothing_else(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient
) -> None:
    client.v1.customers.create({"email": "a@x.test"})
    assert simulator.quiet()
    body, signed = mailbox.raw[0]
    believe: Any = stripe.Webhook.construct_event
    assert believe(body, signed, SECRETS["platform"]).type == "customer.created"
    for wrong in ((body + b" ", signed, SECRETS["platform"]), (body, signed, SECRETS["connect"])):
        with pytest.raises(stripe.SignatureVerificationError):
            believe(*wrong)
    stamp = signed.split(",")[0]
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        believe(body, signed, SECRETS["platform"], tolerance=-1)
    assert abs(int(stamp.removeprefix("t=")) - time.time()) < 30


def test_the_platforms_events_and_those_of_agencies_go_to_their_own_endpoints(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, agency: str
) -> None:
    client.v1.customers.create({})
    client.v1.customers.create({}, {"stripe_account": agency})
    assert simulator.quiet()
    ours = [event for at, event in mailbox.came if at == "platform"]
    theirs = [event for at, event in mailbox.came if at == "connect" and event["type"] == "customer.created"]
    assert [event["type"] for event in ours] == ["customer.created"]
    assert "account" not in ours[0] or ours[0]["account"] is None
    assert [event["account"] for event in theirs] == [agency]
    assert not theirs[0]["livemode"]


def test_paused_events_come_when_released_in_the_order_that_is_asked_for(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient, agency: str
) -> None:
    simulator.quiet()
    mailbox.came.clear()
    simulator.pause()
    session = open_session(client, agency)
    simulator.pay(agency, session.id)
    held = [one["event"] for one in simulator.held()]
    assert len(held) >= 4
    assert mailbox.came == []
    twice = [held[-1], held[0], held[-1]]
    assert [one["event"] for one in simulator.release(twice)] == twice
    assert [event["id"] for _, event in mailbox.came] == twice
    mailbox.came.clear()
    simulator.release("reversed")
    assert [event["id"] for _, event in mailbox.came] == held[1:-1][::-1]


def test_events_can_be_doubled_lost_and_sent_again(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient
) -> None:
    simulator.copies(3)
    client.v1.customers.create({})
    simulator.quiet()
    assert mailbox.types() == ["customer.created"] * 3
    simulator.copies(1)
    simulator.drop(1)
    lost = client.v1.customers.create({})
    simulator.quiet()
    assert len(mailbox.came) == 3
    event: Any = client.v1.events.list({"type": "customer.created", "limit": 1}).data[0]
    assert event.data.object.id == lost.id
    assert simulator.resend(event.id) == [200]
    assert mailbox.came[-1][1]["id"] == event.id


def test_a_refused_webhook_comes_again(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient
) -> None:
    simulator.backoff(0.01)
    mailbox.refuse = 2
    client.v1.customers.create({})
    assert simulator.quiet()
    assert mailbox.types() == ["customer.created"]
    tried = simulator.deliveries()[-3:]
    assert [(one["attempt"], one["status"]) for one in tried] == [(1, 500), (2, 500), (3, 200)]


def test_endpoints_made_over_the_api_have_secrets_of_their_own(
    simulator: Simulator, client: stripe.StripeClient
) -> None:
    made = client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/x", "enabled_events": ["invoice.paid"]}
    )
    assert made.secret and made.secret.startswith("whsec_")
    assert client.v1.webhook_endpoints.retrieve(made.id).secret is None
    assert client.v1.webhook_endpoints.delete(made.id).deleted


def test_what_happens_to_an_account_is_told_by_thin_events_that_stripes_library_reads(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient
) -> None:
    account = simulator.account(active=False)
    simulator.onboard(account)
    assert simulator.quiet()
    about = [(b, s) for b, s in mailbox.raw if account.encode() in b and b"v2.core.event" in b]
    read: Any = [client.parse_event_notification(body, signed, SECRETS["connect"]) for body, signed in about]
    assert {one.type for one in read} == {
        "v2.core.account.created",
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.merchant].capability_status_updated",
    }
    for one, (body, signed) in zip(read, about, strict=True):
        assert str(one.context) == account and not one.livemode
        assert type(one).__name__ != "UnknownEventNotification"
        # Nothing of the account is in it: it has to be fetched.
        assert one.related_object.url == f"/v2/core/accounts/{account}" and b"capabilities" not in body
        assert one.fetch_related_object().id == account
        with pytest.raises(stripe.SignatureVerificationError):
            client.parse_event_notification(body + b" ", signed, SECRETS["connect"])


def test_endpoints_of_api_v1_get_no_thin_events(
    simulator: Simulator, mailbox: Mailbox, client: stripe.StripeClient
) -> None:
    simulator.deliver_to()
    url = f"{mailbox.address}/connect"
    client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"], "connect": True})
    simulator.backoff(0.01)
    before = len(simulator.deliveries())
    account = simulator.account()
    simulator.quiet(1)
    told = [one for one in simulator.deliveries()[before:] if one["account"] == account]
    assert told and not [one for one in told if one["type"].startswith("v2.")]
    for endpoint in client.v1.webhook_endpoints.list().data:
        client.v1.webhook_endpoints.delete(endpoint.id)

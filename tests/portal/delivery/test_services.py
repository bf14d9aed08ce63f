"""Events of mail services, posted as they post them, through Anymail's own views."""

import base64
import json
from typing import Any
from uuid import UUID

import pytest

from portal.delivery.keys import name_of
from portal.delivery.marks import mark_of
from portal.mail.models import Message
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, platform_browser, portal_browser
from tests.running_jobs import run_jobs

SECRET = "post:a-long-random-word"


@pytest.fixture
def postmark(settings: Any) -> None:
    settings.MAIL_SERVICE = "postmark"
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": [SECRET]}


@pytest.fixture
def sent(northwind: CurrentAgency, maria: Client) -> Message:
    with inside(northwind):
        return Message.objects.create(
            email="people.invitation",
            client=maria,
            address=maria.email,
            state="sent",
            words={"invitation_id": 0},
        )


def post(body: Any, *, secret: str = SECRET, service: str = "postmark", browser: Any = None) -> int:
    given = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    answer = (browser or platform_browser()).post(
        f"/mail/webhooks/{service}/", json.dumps(body), content_type="application/json", headers=given
    )
    return int(answer.status_code)


def event(name: str, **more: Any) -> dict[str, Any]:
    """Postmark's, as in its manual."""
    return {
        "RecordType": "Delivery",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Recipient": "maria@client.example",
        "DeliveredAt": "2026-11-05T16:33:54.9070259Z",
        "Details": "smtp;250 2.0.0 OK",
        "Tag": "",
        "ServerID": 23,
        "Metadata": {"message": name},
        **more,
    }


def bounce(name: str, kind: str, details: str) -> dict[str, Any]:
    return event(
        name, RecordType="Bounce", ID=692560173, Type=kind, Email="maria@client.example", Details=details,
        BouncedAt="2026-11-05T16:33:54.9070259Z", Description="The server was unable to deliver your message",
    )  # fmt: skip


def name(agency: CurrentAgency, message_id: UUID) -> str:
    with inside(agency):
        return name_of(message_id)


def state(agency: CurrentAgency) -> tuple[str, int, bool]:
    run_jobs()
    with inside(agency):
        message = Message.objects.get()
        return message.state, message.events.count(), mark_of(message.address) is not None


def test_delivered_is_noted_once_with_the_services_moment(
    northwind: CurrentAgency, sent: Message, postmark: None
) -> None:
    body = event(name(northwind, sent.pk))
    assert post(body) == 200 and post(body) == 200
    assert state(northwind) == ("delivered", 1, False)
    with inside(northwind):
        assert str(sent.events.get().at) == "2026-11-05 16:33:54.907025+00:00"


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("HardBounce", "smtp;550 5.1.1 The email account does not exist", ("bounced", 1, True)),
        ("HardBounce", "action: failed", ("bounced", 1, True)),
        ("HardBounce", "smtp;552 5.2.2 over quota", ("bounced", 1, False)),
        ("SoftBounce", "try later", ("bounced", 1, False)),
        ("Transient", "smtp;421 4.7.0 too busy", ("sent", 1, False)),
        ("SpamComplaint", "", ("complained", 1, True)),
    ],
)
def test_bounces_and_complaints(
    northwind: CurrentAgency, sent: Message, postmark: None, kind: str, details: str, expected: Any
) -> None:
    assert post(bounce(name(northwind, sent.pk), kind, details)) == 200
    assert state(northwind) == expected


def test_who_unsubscribes_there_is_unsubscribed_here(
    northwind: CurrentAgency, sent: Message, postmark: None, maria: Client
) -> None:
    body = event(name(northwind, sent.pk), RecordType="SubscriptionChange", SuppressSending=True,
                 SuppressionReason="ManualSuppression", ChangedAt="2026-11-05T16:33:54Z")  # fmt: skip
    assert post(body) == 200
    run_jobs()
    with inside(northwind):
        assert not Client.objects.get(pk=maria.pk).wants_marketing


def test_nobody_else_can_say_so(
    northwind: CurrentAgency, sent: Message, postmark: None, settings: Any, maria: Client, alice: Any
) -> None:
    body = bounce(name(northwind, sent.pk), "HardBounce", "smtp;550 5.1.1 none")
    assert post(body, secret="post:wrong") == 400 and post(body, secret="") == 400
    assert post(body, service="sendgrid") == 404, "only the service that is set up"
    assert post(body, service="nonsense") == 404
    assert post(body, browser=portal_browser(northwind, maria)) == 404
    assert post(body, browser=console_browser(alice)) == 404
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": []}
    assert post(body) == 404, "without a secret there is no endpoint"
    assert state(northwind) == ("sent", 0, False)


def test_an_event_about_nothing_of_ours_is_taken_and_passed_over(
    northwind: CurrentAgency, harbour: CurrentAgency, sent: Message, postmark: None
) -> None:
    for strange in (
        "",
        "nonsense",
        f"{sent.pk}.{harbour.id}",
        f"{sent.pk}.999999999",
        f"{sent.pk}.{northwind.id}; DROP",
    ):
        assert post(bounce(strange, "HardBounce", "smtp;550 5.1.1 none")) == 200
    assert state(northwind) == ("sent", 0, False)
    assert post({"RecordType": "Nonsense"}) == 200


def test_a_service_that_keeps_only_the_message_id_is_understood(
    northwind: CurrentAgency, sent: Message, settings: Any
) -> None:
    from anymail.signals import AnymailTrackingEvent, tracking

    told = AnymailTrackingEvent(
        event_type="delivered",
        timestamp=None,
        event_id="e1",
        message_id=f"<{name(northwind, sent.pk)}@localhost>",
    )
    tracking.send(sender=object, event=told, esp_name="Mailgun")
    assert state(northwind) == ("delivered", 1, False)

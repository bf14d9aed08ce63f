"""Reports that come back to a mail's own return path, from the wire to the mark on the address."""

from typing import Any

import pytest

from portal.delivery.keys import id_of, key_of
from portal.delivery.marks import mark_of
from portal.delivery.reports import read_report
from portal.intake.addresses import address_for
from portal.intake.models import Unreadable
from portal.mail.models import Message
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.portal.delivery.reporting import COMPLAINT, OUT_OF_OFFICE, report
from tests.portal.intake.wire import listening, say
from tests.running_jobs import run_jobs


@pytest.fixture
def sent(northwind: CurrentAgency, maria: Client) -> Message:
    """A mail to Maria that the next server has taken."""
    with inside(northwind):
        made = Message.objects.create(
            email="people.invitation",
            client=maria,
            address=maria.email,
            state="sent",
            words={"invitation_id": 0},
        )
    return made


def read(agency: CurrentAgency, message: Message, raw: bytes) -> tuple[str, str, bool]:
    """Let the report be read; the message's state, the last words, and whether its address is marked."""
    with inside(agency):
        read_report(kind="bounce", key=key_of(message.pk), raw=raw, sender="")
        message = Message.objects.get(pk=message.pk)
        last = message.events.order_by("-pk").first()
        return message.state, last.words if last else "", mark_of(message.address) is not None


def test_a_report_over_the_wire_marks_the_address_and_the_invitation(committed_db: None) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with inside(agency):
        from portal.people.invitations import invite
        from portal.people.models import Invitation

        maria = Client.objects.get(email="maria@client.example")
        invite(maria, by=None)
    run_jobs()
    with inside(agency):
        message = Message.objects.get(email="people.invitation")
        back = address_for("bounce", key_of(message.pk))
    with listening() as port:
        assert say(port, back, report("5.1.1"), sender="")[0] == 250
    run_jobs()
    with inside(agency):
        assert Message.objects.get(pk=message.pk).state == "bounced"
        assert mark_of("maria@client.example") is not None
        assert Invitation.objects.get(client=maria).bounced_at is not None


@pytest.mark.parametrize(
    ("raw", "state", "is_marked"),
    [
        (report("5.1.1"), "bounced", True),
        (report("5.2.2", said="mailbox full"), "bounced", False),
        (report("4.4.1", "delayed", said="connection timed out"), "sent", False),
        (report("4.4.7", said="expired after five days"), "bounced", False),
        (report("2.0.0", "delivered", said="OK"), "delivered", False),
        (COMPLAINT, "complained", True),
    ],
)
def test_what_a_report_says_becomes_the_state(
    northwind: CurrentAgency, sent: Message, raw: bytes, state: str, is_marked: bool
) -> None:
    assert read(northwind, sent, raw)[::2] == (state, is_marked)
    assert read(northwind, sent, raw)[::2] == (state, is_marked)
    with inside(northwind):
        assert Message.objects.get().events.count() == 1, "the same report twice is one event"


@pytest.mark.parametrize(
    "raw", [OUT_OF_OFFICE, b"", b"\x00\xff" * 500, b"Content-Type: message/delivery-status\r\n\r\n"]
)
def test_what_is_no_report_says_nothing(northwind: CurrentAgency, sent: Message, raw: bytes) -> None:
    with inside(northwind), pytest.raises(Unreadable):
        read_report(kind="bounce", key=key_of(sent.pk), raw=raw, sender="")
    with inside(northwind):
        assert Message.objects.get().state == "sent"


def test_another_agencys_key_finds_nothing(
    northwind: CurrentAgency, harbour: CurrentAgency, sent: Message
) -> None:
    with inside(harbour), pytest.raises(Unreadable, match="no message"):
        read_report(kind="bounce", key=key_of(sent.pk), raw=report("5.1.1"), sender="")
    with inside(harbour):
        assert mark_of(sent.address) is None


def test_the_words_of_a_stranger_are_kept_on_one_line(northwind: CurrentAgency, sent: Message) -> None:
    _, words, _ = read(
        northwind, sent, report("5.1.1", said="<script>alert(1)</script>\r\n\tmore \x00 words")
    )
    assert "<script>" in words and not any(letter in words for letter in "\r\n\t\x00")


def test_a_key_is_an_id_and_back() -> None:
    from uuid import uuid4

    made = uuid4()
    assert id_of(key_of(made)) == made
    strange: list[Any] = ["", "x", "é" * 26, "a" * 25, "0" * 26]
    assert [id_of(key) for key in strange] == [None] * 5

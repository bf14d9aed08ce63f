"""Mails over a real wire: what the other side says becomes state, event and mark."""

import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from portal.delivery.keys import id_of, read_name
from portal.delivery.marks import mark_of
from portal.delivery.models import DeliveryEvent
from portal.intake.addresses import read_address
from portal.mail import smtp
from portal.mail.jobs import Deferred, deliver
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.mail.outcome import is_gone
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.portal.delivery.mail_server import Post, post_office, silent_server
from tests.running_jobs import queued, run_jobs

ENDS = {"client_name": "Maria", "days": 7, "last_day": "1 May", "button_url": "https://x.example/"}


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with post_office(settings) as running:
        yield running


@pytest.fixture
def maria_mail(northwind: CurrentAgency, alice_staff: Staff, maria: Client) -> Message:
    with inside(northwind):
        return queue_mail("people.access_ends", alice_staff, words=ENDS, address=maria.email)


def now(agency: CurrentAgency, message: Message) -> tuple[str, list[str], bool]:
    """State, kinds of its events, and whether its address is marked."""
    with inside(agency):
        message = Message.objects.get(pk=message.pk)
        events = list(message.events.order_by("pk").values_list("kind", flat=True))
        return message.state, events, mark_of(message.address) is not None


def test_a_mail_that_is_taken_is_sent_and_says_where_reports_go(
    northwind: CurrentAgency, maria_mail: Message, post: Post
) -> None:
    run_jobs()
    assert now(northwind, maria_mail) == ("sent", ["sent"], False)
    (taken,) = post.taken
    back = read_address(str(taken.mail_from))
    assert back is not None and (back.kind, id_of(back.key)) == ("bounce", maria_mail.pk)
    wire = message_from_bytes(taken.original_content or b"", policy=default)
    assert read_name(str(wire["Message-ID"])) == (maria_mail.pk, northwind.id)
    assert "Northwind Studio" in str(wire["From"]) and "no-reply@localhost" in str(wire["From"])


@pytest.mark.parametrize(
    ("answer", "is_marked"),
    [
        ("550 5.1.1 No such user", True),
        ("550 no such mailbox here", True),
        ("556 5.1.10 the domain takes no mail", True),
        ("552 5.2.2 Mailbox full", False),
        ("550 5.7.1 Blocked by policy", False),
    ],
)
def test_a_refusal_for_good_bounces_and_marks_the_address_only_if_it_is_the_addresss_fault(
    northwind: CurrentAgency, maria_mail: Message, post: Post, answer: str, is_marked: bool
) -> None:
    post.answers[maria_mail.address] = answer
    run_jobs()
    assert now(northwind, maria_mail) == ("bounced", ["bounced"], is_marked)
    with inside(northwind):
        assert DeliveryEvent.objects.get().words == answer


def test_a_refusal_after_the_words_were_read_is_about_the_mail(
    northwind: CurrentAgency, maria_mail: Message, post: Post
) -> None:
    post.after_data[maria_mail.address] = "554 5.7.1 Looks like spam"
    run_jobs()
    assert now(northwind, maria_mail) == ("bounced", ["bounced"], False)


def test_a_server_that_asks_to_wait_is_asked_again_and_in_the_end_given_up(
    northwind: CurrentAgency, maria_mail: Message, post: Post
) -> None:
    post.answers[maria_mail.address] = "451 4.7.1 Greylisted, come back"
    with pytest.raises(Deferred):
        run_jobs()
    assert now(northwind, maria_mail) == ("queued", ["deferred"], False)
    with inside(northwind):
        Message.objects.update(attempts=9)
        deliver.fn(message_id=str(maria_mail.pk))
        assert Message.objects.get().error.startswith("Given up after 10 tries. 451 4.7.1")
    assert now(northwind, maria_mail) == ("failed", ["deferred", "failed"], False)


def test_it_goes_out_when_the_waiting_is_over(
    northwind: CurrentAgency, maria_mail: Message, post: Post
) -> None:
    post.answers[maria_mail.address] = "451 later"
    with pytest.raises(Deferred):
        run_jobs()
    post.answers.clear()
    with inside(northwind):
        deliver.fn(message_id=str(maria_mail.pk))
        deliver.fn(message_id=str(maria_mail.pk))
    assert len(post.taken) == 1
    assert now(northwind, maria_mail) == ("sent", ["deferred", "sent"], False)


@pytest.mark.parametrize("drip", [b"", b"2"])
def test_a_server_that_hangs_costs_a_bounded_time_once(
    northwind: CurrentAgency, maria_mail: Message, settings: Any, monkeypatch: pytest.MonkeyPatch, drip: bytes
) -> None:
    monkeypatch.setattr(smtp, "TOTAL_SECONDS", 0.5)
    with silent_server(settings, drip=drip):
        began = time.monotonic()
        with pytest.raises(Deferred):
            run_jobs()
        assert time.monotonic() - began < 5, "the whole has one end, however often a byte comes"
        with inside(northwind):
            with pytest.raises(Deferred):
                deliver.fn(message_id=str(maria_mail.pk))
            words = list(DeliveryEvent.objects.order_by("pk").values_list("words", flat=True))
    assert words == [
        "The mail server did not answer in time.",
        "Our mail server did not answer a moment ago.",
    ]


def test_a_defect_of_ours_is_no_answer_of_theirs(
    northwind: CurrentAgency, maria_mail: Message, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("subject")

    monkeypatch.setattr(smtp.HurriedBackend, "send_messages", broken)
    with pytest.raises(KeyError):
        run_jobs()
    assert now(northwind, maria_mail) == ("queued", [], False)


def test_nothing_more_goes_to_a_marked_address_but_to_the_same_persons_other_one(
    northwind: CurrentAgency, alice_staff: Staff, maria_mail: Message, post: Post
) -> None:
    post.answers[maria_mail.address] = "550 5.1.1 No such user"
    run_jobs()
    with inside(northwind):
        again = queue_mail("people.access_ends", alice_staff, words=ENDS, address=maria_mail.address.upper())
        other = queue_mail("people.access_ends", alice_staff, words=ENDS, address="new@client.example")
    run_jobs()
    assert now(northwind, again)[:2] == ("dropped", ["dropped"])
    assert now(northwind, other)[:2] == ("sent", ["sent"])
    assert queued() == []


def test_an_event_that_overtook_our_own_note_is_not_undone(
    northwind: CurrentAgency, maria_mail: Message
) -> None:
    from portal.delivery.noting import note

    with inside(northwind):
        note(maria_mail, "delivered", source="service", once="e1")
        note(maria_mail, "sent", source="smtp")
        assert note(maria_mail, "delivered", source="service", once="e1") is False
    assert now(northwind, maria_mail) == ("delivered", ["delivered", "sent"], False)


def test_events_cannot_be_changed(northwind: CurrentAgency, maria_mail: Message) -> None:
    from django.db import DatabaseError, transaction

    from portal.delivery.noting import note

    with inside(northwind):
        note(maria_mail, "sent", source="smtp")
        with pytest.raises(DatabaseError), transaction.atomic():
            DeliveryEvent.objects.update(words="nothing happened")


@pytest.mark.parametrize(
    ("status", "code", "gone"),
    [("5.1.1", 0, True), ("5.2.2", 550, False), ("4.1.1", 0, False), ("", 550, True), ("", 554, False)],
)
def test_which_answers_say_that_an_address_takes_no_mail(status: str, code: int, gone: bool) -> None:
    assert is_gone(status, code) is gone

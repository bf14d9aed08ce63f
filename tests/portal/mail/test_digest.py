"""Several new items for one person within the window are one mail that lists them all; none is lost, none doubled."""

from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from portal import registry
from portal.mail import digest, jobs, sending
from portal.mail.defaults import default_words
from portal.mail.gathering import change_window
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.mail.wordings import change_words
from portal.people.invitations import invite
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, connection, inside
from tests.running_jobs import run_jobs

STAFF_ITEM = "subscriptions.new"  # has no `prepare`: its words are all stored
WORDS = {
    "offer": "Care",
    "price": "€9",
    "owner": "Brightside",
    "who": "Maria",
    "button_url": "https://x.example/1",
}


def item(staff: Staff, number: int, **words: Any) -> Message:
    more = {"offer": f"Care {number}", "button_url": f"https://x.example/{number}", **words}
    return queue_mail(STAFF_ITEM, staff, words=WORDS | more)


def delays() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((message->'options'->>'eta')::bigint - (message->>'message_timestamp')::bigint, 0)"
            " FROM dramatiq.queue WHERE state = 'queued' AND message->>'actor_name' = 'mail.deliver' ORDER BY position"
        )
        return [round(row[0] / 60_000) for row in cursor.fetchall()]


def test_one_item_is_a_mail_as_ever(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(northwind):
        item(alice_staff, 1)
        run_jobs()
    assert [one.subject for one in mail.outbox] == ["Brightside has Care 1"]


def test_several_are_one_mail_that_lists_each_with_its_link(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(northwind):
        rows = [item(alice_staff, number) for number in (1, 2, 3)]
        run_jobs()
        [sent] = mail.outbox
        assert sent.subject == "3 new things for you"
        assert isinstance(sent, EmailMultiAlternatives)
        for part in (str(sent.body), str(sent.alternatives[0])):
            places = [part.index(f"Brightside has Care {number}") for number in (1, 2, 3)]
            assert places == sorted(places)
            assert all(f"https://x.example/{number}" in part for number in (1, 2, 3))
        first, *others = Message.objects.order_by("created_at")
        assert {one.state for one in (first, *others)} == {"sent"} and first.pk == rows[0].pk
        assert {one.sent_with_id for one in others} == {first.pk} and first.subject == sent.subject
        assert [one.subject for one in others] == ["Brightside has Care 2", "Brightside has Care 3"]


def test_items_wait_as_long_as_the_agency_chose_and_what_is_urgent_does_not(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        item(alice_staff, 1)
        change_window(30, by=alice_staff)
        item(alice_staff, 2)
        change_window(0, by=alice_staff)
        item(alice_staff, 3)
        change_window(10, by=alice_staff)
        queue_mail("people.sign_in", maria, words={"link_id": 1, "device": ""})
        queue_mail("invoices.receipt", maria, words={})
        # The first waits a few seconds only: nobody has chosen anything yet.
        assert delays() == [0, 30, 0, 0, 0]


def test_what_opens_doors_or_confirms_is_never_put_off() -> None:
    at_once = {
        "people.",
        "invoices.receipt",
        "invoices.reminder",
        "subscriptions.paid",
        "subscriptions.started",
    }
    for email in registry.emails().values():
        if any(email.key.startswith(key) for key in at_once):
            assert not email.digest, email.key


def test_other_people_and_other_addresses_have_their_own_mail(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(northwind):
        bob = Staff.objects.create(account_id=4711, name="Bob", email="bob@northwind.example")
        item(alice_staff, 1)
        item(bob, 2)
        queue_mail(STAFF_ITEM, alice_staff, words=WORDS, address="else@northwind.example")
        run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == [
        "alice@northwind.example",
        "bob@northwind.example",
        "else@northwind.example",
    ]


def test_an_item_written_after_the_mail_left_has_a_mail_of_its_own(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(northwind):
        item(alice_staff, 1)
        item(alice_staff, 2)
        run_jobs()
        item(alice_staff, 3)
        run_jobs()
    assert [one.subject for one in mail.outbox] == ["2 new things for you", "Brightside has Care 3"]


def test_who_lost_sight_of_one_item_reads_of_the_others_only(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each item's right is asked again when the mail leaves; that of the first, too."""
    gone = {"Care 1", "Care 3"}

    def prepare(message: Message) -> dict[str, Any]:
        if message.words["offer"] in gone:
            raise jobs.Unsendable("not seen any more")
        return {}

    with_checks(monkeypatch, prepare)
    with inside(northwind):
        for number in (1, 2, 3, 4):
            item(alice_staff, number)
        run_jobs()
        states = list(Message.objects.order_by("created_at").values_list("state", flat=True))
    [sent] = mail.outbox
    body = str(sent.body)
    assert "Care 2" in body and "Care 4" in body and "Care 1" not in f"{body}{sent.subject}"
    assert "Care 3" not in body and sent.subject == "2 new things for you"
    assert states == ["dropped", "sent", "dropped", "sent"]


def test_an_item_that_cannot_be_made_does_not_keep_the_others(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(message: Message) -> dict[str, Any]:
        if message.words["offer"] == "Care 2":
            raise ZeroDivisionError
        return {}

    with_checks(monkeypatch, prepare)
    with inside(northwind):
        for number in (1, 2, 3):
            item(alice_staff, number)
        with pytest.raises(ZeroDivisionError):
            run_jobs()
    run_jobs_but_broken()
    with inside(northwind):
        told = dict(Message.objects.values_list("words__offer", "state"))
    [sent] = mail.outbox
    assert "Care 1" in sent.body and "Care 3" in sent.body
    assert told == {"Care 1": "sent", "Care 2": "queued", "Care 3": "sent"}


def test_a_repeat_after_a_failed_sending_tells_the_same_and_nothing_twice(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(northwind):
        rows = [item(alice_staff, number) for number in (1, 2)]
        send = sending.send
        monkeypatch.setattr(sending, "send", fails)
        with pytest.raises(RuntimeError):
            jobs.deliver.fn(message_id=str(rows[0].pk))
        monkeypatch.setattr(sending, "send", send)
        jobs.deliver.fn(message_id=str(rows[1].pk))
        assert not mail.outbox, "the second is told by the first, which will be tried again"
        jobs.deliver.fn(message_id=str(rows[0].pk))
        jobs.deliver.fn(message_id=str(rows[0].pk))
        jobs.deliver.fn(message_id=str(rows[1].pk))
        assert [one.subject for one in mail.outbox] == ["2 new things for you"]
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_an_item_whose_mail_was_refused_is_told_when_staff_send_it_again(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(northwind):
        rows = [item(alice_staff, number) for number in (1, 2)]
        send = sending.send
        monkeypatch.setattr(sending, "send", refuses)
        run_jobs()
        assert list(Message.objects.order_by("created_at").values_list("state", flat=True)) == [
            "bounced",
            "failed",
        ]
        monkeypatch.setattr(sending, "send", send)
        Message.objects.filter(pk=rows[1].pk).update(state="queued")
        jobs.deliver.fn(message_id=str(rows[1].pk))
    assert [one.subject for one in mail.outbox] == ["Brightside has Care 2"]


def test_a_row_that_has_set_out_is_not_taken_along(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(northwind):
        rows = [item(alice_staff, number) for number in (1, 2)]
        assert digest.set_out(rows[0])
        jobs.deliver.fn(message_id=str(rows[1].pk))
        jobs.deliver.fn(message_id=str(rows[0].pk))
    assert [one.subject for one in mail.outbox] == ["Brightside has Care 2", "Brightside has Care 1"]


def test_who_lost_access_gets_neither_mail_nor_list(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(northwind):
        for number in (1, 2):
            item(alice_staff, number)
        Staff.objects.filter(pk=alice_staff.pk).update(is_active=False)
        run_jobs()
        assert set(Message.objects.values_list("state", flat=True)) == {"dropped"}
    assert not mail.outbox


def test_an_invitation_takes_along_what_is_new(
    northwind: CurrentAgency, alice_staff: Staff, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_checks(
        monkeypatch, lambda message: {"button_url": "https://x.example/offer"}, "subscriptions.invited"
    )
    with inside(northwind):
        words = {"offer_id": 1, "offer": "Care", "price": "€9", "summary": ""}
        row = queue_mail("subscriptions.invited", tom, words=words)
        invite(tom, by=alice_staff)
        invitation = Message.objects.get(email="people.invitation")
        jobs.deliver.fn(message_id=str(invitation.pk))
        run_jobs()
        row.refresh_from_db()
        assert (row.state, row.sent_with_id) == ("sent", invitation.pk)
    [sent] = mail.outbox
    assert (
        "/invitation/" in sent.body
        and "This is new for you:" in sent.body
        and "Care: an offer for you" in sent.body
    )


def test_an_invitation_whose_words_have_no_list_leaves_the_items_to_their_own_mail(
    northwind: CurrentAgency, alice_staff: Staff, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_checks(
        monkeypatch, lambda message: {"button_url": "https://x.example/offer"}, "subscriptions.invited"
    )
    email = registry.emails()["people.invitation"]
    default = default_words(email)
    words = type(default)(subject="Come in", body="Hello [Open]({{ button_url }})")
    with inside(northwind):
        change_words(email, "en", words, by=alice_staff, seen=0)
        more = {"offer_id": 1, "offer": "Care", "price": "€9", "summary": ""}
        queue_mail("subscriptions.invited", tom, words=more)
        invite(tom, by=alice_staff)
        run_jobs()
    assert sorted(one.subject for one in mail.outbox) == ["Care: an offer for you", "Come in"]


def fails(_: Any) -> None:
    raise RuntimeError("the process died")


def refuses(_: Any) -> None:
    raise SMTPRecipientsRefused({"alice@northwind.example": (550, b"5.7.1 not today")})


def run_jobs_but_broken() -> None:
    """Run what is queued; the item that ails fails each time, as a worker's retries would have it."""
    try:
        run_jobs()
    except ZeroDivisionError:
        run_jobs_but_broken()


def with_checks(monkeypatch: pytest.MonkeyPatch, prepare: Any, key: str = STAFF_ITEM) -> None:
    """Let a declared mail check and fill its words in by `prepare`."""
    from dataclasses import replace

    emails = registry.emails()
    changed = {**emails, key: replace(emails[key], prepare=prepare)}
    monkeypatch.setattr(registry, "emails", lambda: changed)


def test_a_mail_erased_while_it_was_queued_is_not_asked_for_again(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(northwind):
        item(alice_staff, 1)
        Message.objects.all().delete()
        run_jobs()
    assert mail.outbox == []

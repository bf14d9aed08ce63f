"""Items whose jobs run at the same moment, in real transactions: each is told exactly once."""

import threading
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import connection

from portal.mail import jobs
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency

WORDS = {"price": "€9", "owner": "Brightside", "who": "Maria"}


@pytest.fixture
def agency(committed_db: None) -> Iterator[CurrentAgency]:
    current = Agency.objects.get(slug="northwind").current()
    with inside(current):
        yield current


def test_jobs_of_one_person_at_the_same_moment_tell_each_item_once(agency: CurrentAgency) -> None:
    alice, rounds, each = Staff.objects.get(), 4, 5
    for turn in range(rounds):
        rows = [_item(alice, f"{turn}-{number}") for number in range(each)]
        _at_once(agency, rows)
    told = "".join(str(one.body) for one in mail.outbox)
    for turn in range(rounds):
        for number in range(each):
            assert told.count(f"https://x.example/{turn}-{number}/") == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def _item(alice: Staff, name: str) -> Message:
    words = WORDS | {"offer": f"Care {name}", "button_url": f"https://x.example/{name}/"}
    return queue_mail("subscriptions.new", alice, words=words)


def _at_once(agency: CurrentAgency, rows: list[Message]) -> None:
    gate = threading.Barrier(len(rows))

    def run(row: Message) -> None:
        try:
            with inside(agency):
                gate.wait(timeout=10)
                jobs.deliver.fn(message_id=str(row.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

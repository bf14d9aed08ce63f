"""Items whose jobs run at the same moment, in real transactions: each is told exactly once."""

from collections.abc import Iterator
from functools import partial

import pytest
from django.core import mail

from portal.mail import jobs
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.at_once import at_once

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
        at_once(*[partial(jobs.deliver.fn, message_id=str(row.pk)) for row in rows], agency=agency)
    told = "".join(str(one.body) for one in mail.outbox)
    for turn in range(rounds):
        for number in range(each):
            assert told.count(f"https://x.example/{turn}-{number}/") == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def _item(alice: Staff, name: str) -> Message:
    words = WORDS | {"offer": f"Care {name}", "button_url": f"https://x.example/{name}/"}
    return queue_mail("subscriptions.new", alice, words=words)

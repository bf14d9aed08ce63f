"""Reminders: the day before and on the day, in the agency's zone, once each, only to those who have not decided."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from modules.deliverables import operations
from modules.deliverables.models import Deliverable, Version
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tests.modules.deliverables.scene import colleague
from tests.running_jobs import run_jobs

DUE = date(2030, 3, 15)
# Northwind lives in Berlin: UTC+1 in March.
DAY_BEFORE, ON_THE_DAY = datetime(2030, 3, 14, 8, 0, tzinfo=UTC), datetime(2030, 3, 15, 8, 0, tzinfo=UTC)


@pytest.fixture
def due(version: Version) -> Version:
    Deliverable.objects.update(due_on=DUE)
    return version


def test_each_undecided_reviewer_is_reminded_once_on_both_days(due: Version, maria: Client) -> None:
    with time_machine.travel(DAY_BEFORE):
        assert (operations.remind_due(), operations.remind_due()) == (1, 0)
    with time_machine.travel(ON_THE_DAY):
        assert (operations.remind_due(), operations.remind_due()) == (1, 0)
    told = list(Message.objects.filter(email="deliverables.reminder", client=maria).order_by("created_at"))
    assert [message.words["is_today"] for message in told] == [False, True]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2030, 3, 13, 12, 0, tzinfo=UTC),
        datetime(2030, 3, 13, 23, 30, tzinfo=UTC),  # already the 14th in Berlin, but the middle of the night
        datetime(2030, 3, 15, 23, 30, tzinfo=UTC),  # the 16th in Berlin
    ],
)
def test_on_other_days_and_at_night_nobody_is(due: Version, moment: datetime) -> None:
    with time_machine.travel(moment):
        assert operations.remind_due() == 0


def test_who_decided_is_left_alone(due: Version, maria: Client, alice_staff: Staff) -> None:
    liam = colleague(maria.companies.get(), "Liam Chen")
    operations.edit_deliverable(due.deliverable, by=alice_staff, reviewers=[maria, liam], rule="all")
    operations.decide(due, client=maria, verdict="approved")
    with time_machine.travel(ON_THE_DAY):
        assert operations.remind_due() == 1
    assert Message.objects.get(email="deliverables.reminder").client == liam


def test_a_mail_about_what_was_decided_meanwhile_is_not_sent(
    due: Version, maria: Client, mailoutbox: list[object]
) -> None:
    operations.decide(due, client=maria, verdict="approved")
    run_jobs()
    assert {message.email: message.state for message in Message.objects.all()} == {
        "deliverables.ready": "dropped",
        "deliverables.decided": "sent",
    }
    assert len(mailoutbox) == 1


def test_the_mail_leads_straight_to_the_version(
    due: Version, maria: Client, mailoutbox: list[object]
) -> None:
    run_jobs()
    (mail,) = mailoutbox
    path = f"/deliverables/{due.deliverable_id}/versions/1/"
    assert mail.to == [maria.email] and path in mail.body and "northwind" in mail.body  # type: ignore[attr-defined]
    assert "15 March 2030" not in mail.subject  # type: ignore[attr-defined]

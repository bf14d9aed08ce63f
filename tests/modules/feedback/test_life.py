"""A client's message becomes the lead's task, and everything that happens until it is settled."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from kit import clock
from kit.refused import Refused
from modules.feedback import operations
from modules.feedback.models import FeedbackSettings, State, Thread
from modules.feedback.queries.addresses import reply_address
from modules.projects.models import Project
from portal.mail.jobs import deliver
from portal.mail.models import Message
from portal.people.models import Client, Company, Staff, StaffScope
from portal.people.refusals import NotServed
from portal.tasks.models import Task
from tenants.agencies.current import CurrentAgency
from tests.modules.feedback.scene import colleague, wrote
from tests.running_jobs import run_jobs


def fresh(thread: Thread) -> Thread:
    return Thread.objects.get(pk=thread.pk)


def open_tasks(thread: Thread) -> list[Task]:
    return list(Task.objects.open().filter(source=thread.task_source))


def test_a_message_becomes_a_task_of_the_projects_lead_who_is_mailed(
    thread: Thread, jonas: Staff, northwind: CurrentAgency, mailoutbox: list[Any]
) -> None:
    task = Task.objects.get()
    assert (task.assignee, task.path, task.source) == (
        jonas,
        f"/feedback/{thread.pk}/",
        f"feedback.thread:{thread.pk}",
    )
    assert task.due_on is not None, "an answer is promised within a day"
    run_jobs()
    mail = mailoutbox[0]
    assert mail.to == [jonas.email] and thread.subject in mail.subject and "nothing arrives" in mail.body
    assert thread.subject == "The form on the contact page says that it was sent."


def test_without_a_project_it_goes_to_the_owner(
    maria: Client, alice_staff: Staff, brightside: Company
) -> None:
    assert wrote(maria, company=brightside).assignee == alice_staff


def test_a_lead_who_left_is_passed_over(
    project: Project, maria: Client, jonas: Staff, alice_staff: Staff
) -> None:
    Staff.objects.filter(pk=jonas.pk).update(is_active=False)
    assert wrote(maria, project=Project.objects.get()).assignee == alice_staff


def test_it_goes_through_its_life(thread: Thread, maria: Client, jonas: Staff) -> None:
    operations.reply_as_staff(thread, by=jonas, text="Which browser?")
    assert fresh(thread).state == State.WAITING and fresh(thread).answer_due_at is None
    assert not open_tasks(thread), "it is the client's turn"
    operations.reply_as_client(thread, client=maria, text="Firefox")
    assert fresh(thread).state == State.OPEN and fresh(thread).answer_due_at
    assert open_tasks(thread)[0].due_on
    operations.reply_as_staff(thread, by=jonas, text="Mended.", then="resolved")
    assert fresh(thread).state == State.RESOLVED and not open_tasks(thread)
    operations.rate(thread, "good", client=maria)
    operations.reply_as_client(thread, client=maria, text="It is back.")
    again = fresh(thread)
    assert (again.state, again.rating, again.resolved_at) == (State.REOPENED, "", None)
    assert len(open_tasks(thread)) == 1
    run_jobs()
    told = list(Message.objects.order_by("created_at").values_list("address", "state"))
    assert told == [(one.email, "sent") for one in (jonas, maria, jonas, maria, jonas)]


def answers_go_to(mail: Any) -> list[str]:
    return [value for name, value in mail.extra_headers.items() if name == "Reply-To"]


def test_an_answer_to_a_mail_that_tells_of_two_conversations_ends_up_in_neither(
    thread: Thread, maria: Client, jonas: Staff, project: Project, mailoutbox: list[Any]
) -> None:
    other = wrote(maria, project=project)
    run_jobs()
    mailoutbox.clear()
    for one in (thread, other):
        operations.reply_as_staff(one, by=jonas, text="Which browser?")
    run_jobs()
    [mail] = mailoutbox
    assert "2 new things" in mail.subject and not answers_go_to(mail)


def test_an_answer_to_several_news_of_one_conversation_goes_there(
    thread: Thread, maria: Client, jonas: Staff, mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    for text in ("Which browser?", "And which version of it?"):
        operations.reply_as_staff(thread, by=jonas, text=text)
    run_jobs()
    [mail] = mailoutbox
    assert answers_go_to(mail) == [reply_address(thread.pk, maria)]


def test_what_is_settled_is_told_with_the_answers_that_still_wait(
    thread: Thread, maria: Client, jonas: Staff, mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    operations.reply_as_staff(thread, by=jonas, text="Which browser?")
    operations.reply_as_staff(thread, by=jonas, text="Mended.", then="resolved")
    deliver.fn(message_id=str(Message.objects.get(email="feedback.resolved").pk))
    run_jobs()
    [mail] = mailoutbox
    assert "Settled" in mail.subject and "Which browser?" in mail.body and "How did it go?" in mail.body
    assert answers_go_to(mail) == [reply_address(thread.pk, maria)]


def test_snoozed_it_leaves_the_tasks_and_comes_back_on_its_day(
    thread: Thread, alice_staff: Staff, in_northwind: CurrentAgency
) -> None:
    until = in_northwind.today() + timedelta(days=3)
    operations.snooze(thread, until, by=alice_staff)
    assert not open_tasks(thread)
    assert operations.wake_due() == 0
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        assert operations.wake_due() == 1 and operations.wake_due() == 0
    assert fresh(thread).state == State.OPEN and len(open_tasks(thread)) == 1


def test_a_snoozed_one_comes_back_when_the_client_writes(
    thread: Thread, alice_staff: Staff, maria: Client, in_northwind: CurrentAgency
) -> None:
    operations.snooze(thread, in_northwind.today() + timedelta(days=3), by=alice_staff)
    operations.reply_as_client(thread, client=maria, text="Hello?")
    assert fresh(thread).state == State.OPEN and len(open_tasks(thread)) == 1


def test_a_day_that_is_over_cannot_be_waited_for(thread: Thread, alice_staff: Staff) -> None:
    with pytest.raises(operations.NotValid) as refused:
        operations.snooze(thread, date(2020, 1, 1), by=alice_staff)
    assert refused.value.field == "until"


def test_an_answer_is_due_by_the_agencys_promise_and_overdue_after_it(
    maria: Client, brightside: Company, alice_staff: Staff
) -> None:
    operations.save_settings(answer_hours=4, asks_rating=True, by=alice_staff)
    thread = wrote(maria, company=brightside)
    assert thread.answer_due_at is not None and not thread.is_overdue
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=False):
        assert fresh(thread).is_overdue and list(Thread.objects.overdue()) == [thread]
    operations.save_settings(answer_hours=None, asks_rating=True, by=alice_staff)
    assert wrote(maria, company=brightside).answer_due_at is None
    assert FeedbackSettings.load().answer_hours is None


def test_only_who_wrote_it_rates_it_and_only_when_it_is_settled(
    thread: Thread, maria: Client, brightside: Company, jonas: Staff
) -> None:
    with pytest.raises(operations.WrongState):
        operations.rate(thread, "good", client=maria)
    operations.resolve(thread, by=jonas)
    with pytest.raises(operations.NotAllowed):
        operations.rate(thread, "bad", client=colleague(brightside, "Liam Chen"))
    with pytest.raises(operations.NotValid):
        operations.rate(thread, "excellent", client=maria)
    assert operations.rate(thread, "fair", client=maria).rating == "fair"


def test_handed_to_a_colleague_the_task_goes_along(
    thread: Thread, alice_staff: Staff, jonas: Staff, mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    operations.assign(thread, alice_staff, by=jonas)
    operations.assign(thread, alice_staff, by=jonas)
    assert open_tasks(thread)[0].assignee == alice_staff
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[alice_staff.email]]


def test_a_mention_is_a_mail_and_a_task(
    thread: Thread, alice_staff: Staff, jonas: Staff, mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    operations.add_note(thread, by=alice_staff, text="@jonas, is that ours? Not mail@jonas.example")
    assert Task.objects.get(source__startswith="feedback.entry:").assignee == jonas
    run_jobs()
    (mail,) = mailoutbox
    assert mail.to == [jonas.email] and "reply+" not in str(mail.message()), (
        "a note is never answered by mail"
    )


def test_a_mention_of_somebody_who_may_not_see_it_is_refused(thread: Thread, alice_staff: Staff) -> None:
    ida = Staff.objects.create(account_id=989, name="Ida Berg", email="ida@northwind.example", sees_all=False)
    with pytest.raises(NotServed, match="Ida Berg does not see Brightside. Give them the company"):
        operations.add_note(thread, by=alice_staff, text="@ida")
    assert not thread.entries.filter(is_internal=True).exists()
    StaffScope.objects.create(staff=ida, company=thread.company)
    operations.add_note(thread, by=alice_staff, text="@ida")


def test_a_name_of_two_colleagues_is_asked_back(thread: Thread, alice_staff: Staff, jonas: Staff) -> None:
    Staff.objects.create(account_id=988, name="Jonas Berg", email="berg@northwind.example")
    with pytest.raises(operations.NotValid, match="@berg"):
        operations.add_note(thread, by=alice_staff, text="@jonas")
    operations.add_note(thread, by=alice_staff, text="@berg")


def test_merged_they_are_one_conversation(
    thread: Thread, maria: Client, brightside: Company, jonas: Staff
) -> None:
    other = wrote(maria, "And the phone number is wrong.", company=brightside)
    operations.set_tags(other, ["Phone ", "phone"], by=jonas)
    kept = operations.merge(other, into=thread, by=jonas)
    assert [entry.text[:7] for entry in kept.entries.in_order()] == ["The for", "And the"]
    assert fresh(other).merged_into == kept and fresh(other).is_resolved and kept.tags == ["phone"]
    assert not open_tasks(other) and len(open_tasks(kept)) == 1
    operations.reply_as_client(other, client=maria, text="Thank you")
    assert kept.entries.count() == 3, "the old one leads to the new one"
    with pytest.raises(operations.NotValid):
        operations.merge(other, into=thread, by=jonas)


def test_what_few_may_read_is_not_merged_into_what_more_read(
    thread: Thread, maria: Client, tom: Client, jonas: Staff
) -> None:
    private = wrote(maria, "Between us.", company=thread.company, is_private=True)
    for other in (private, wrote(maria, "On my own."), wrote(tom, "Hello")):
        for gone, into in ((other, thread), (thread, other)):
            with pytest.raises(operations.NotValid):
                operations.merge(gone, into=into, by=jonas)
    assert not Thread.objects.filter(merged_into__isnull=False).exists()


def test_a_canned_reply_is_filled_in_once(thread: Thread, alice_staff: Staff, maria: Client) -> None:
    Client.objects.filter(pk=maria.pk).update(name="{agency} Silva")
    canned = operations.save_canned(
        None, name="Hello", text="Hello {first_name}, {number} {unknown} {project} {", by=alice_staff
    )
    filled = operations.filled(canned, fresh(thread), alice_staff)
    assert filled == f"Hello {{agency}}, #{thread.pk} {{unknown}} New website {{"
    with pytest.raises(operations.NotValid) as refused:
        operations.save_canned(None, name="hello".title(), text="x", by=alice_staff)
    assert refused.value.field == "name"


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "x" * 20_001])
def test_what_is_no_message_is_refused(maria: Client, brightside: Company, text: str) -> None:
    with pytest.raises(Refused) as refused:
        wrote(maria, text, company=brightside)
    assert refused.value.field == "text" and not Thread.objects.exists()

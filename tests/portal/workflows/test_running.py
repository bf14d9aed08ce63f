"""A run does each step once, whatever is delivered twice, and says what it did."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from kit import clock
from portal.events import publish
from portal.module import Action
from portal.people.access import remove_access
from portal.people.models import Bundle, Client, CompanyMembership, Invitation, Staff
from portal.tasks.models import Task
from portal.tasks.operations import add_task, set_done
from portal.workflows import acts, doing, editing, running, starting, steps
from portal.workflows.jobs import advance, wake
from portal.workflows.models import Run, StepLog, WorkflowSettings
from tenants.agencies.current import CurrentAgency
from tests.portal.workflows.scene import INVITE, MAIL, TASK, a_workflow, set_off, steps_of
from tests.running_jobs import run_jobs

pytestmark = pytest.mark.usefixtures("in_northwind")


def test_an_event_starts_one_run_for_each_client_and_it_ends(tom: Client, alice_staff: Staff) -> None:
    a_workflow(TASK, by=alice_staff)
    set_off(tom, alice_staff)
    run = Run.objects.get()
    assert run.client == tom and run.state == "done"
    assert Task.objects.open().get().title == "Look at Tom Becker"
    assert steps_of(run) == [("add the task “Look at [client]”", "done")]


def test_a_task_that_names_nobody_is_one_for_all_of_a_company(
    tom: Client, maria: Client, alice_staff: Staff
) -> None:
    brightside = maria.companies.get()
    CompanyMembership.objects.create(client=tom, company=brightside, bundle=Bundle.MEMBER)
    for title in ("Bill {{ task }}", "Call {{ first_name }}"):
        a_workflow(("tasks.add", {"title": title, "days": ""}), by=alice_staff, name=title)
    for turn in ("the logo", "the logo", "the site"):  # the second is another event with the same words
        set_done(add_task(turn, by=alice_staff, about=brightside), is_done=True, by=alice_staff)
        run_jobs()
    assert Run.objects.count() == 3 * 2 * 2 and set(Run.objects.values_list("state", flat=True)) == {"done"}
    billing = Task.objects.open().filter(title__startswith="Bill", company=brightside, client=None)
    assert sorted(task.title for task in billing) == ["Bill the logo", "Bill the logo", "Bill the site"]
    assert Task.objects.filter(title__startswith="Bill").count() == 3
    calls = Task.objects.open().filter(title__startswith="Call")
    assert sorted(calls.values_list("title", "client")) == sorted(
        [("Call Tom", tom.pk), ("Call Maria", maria.pk)] * 3
    )


def test_the_same_event_delivered_twice_is_one_run(tom: Client, alice_staff: Staff) -> None:
    a_workflow(TASK, by=alice_staff)
    set_off(tom, alice_staff)
    run = Run.objects.get()
    event = run.key.split(":")[1]
    starting.hear(run.fact, run.ids, event)
    advance.send(run_id=run.pk, step=StepLog.objects.get().step)
    run_jobs()
    assert Run.objects.count() == 1 and Task.objects.open().count() == 1


def test_a_job_that_comes_late_does_nothing_in_a_run_that_was_stopped(
    tom: Client, alice_staff: Staff
) -> None:
    a_workflow(("wait", {"kind": "for", "amount": "1", "unit": "days"}), TASK, by=alice_staff)
    set_off(tom, alice_staff)
    run = Run.objects.get()
    acts.stop(run, by=alice_staff)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        advance.send(run_id=run.pk, step=run.step)
        run_jobs()
    run.refresh_from_db()
    assert run.state == "stopped" and "Alice" in run.words and not Task.objects.open().exists()


def test_a_step_that_was_queued_before_its_run_was_stopped_is_not_done(
    tom: Client, alice_staff: Staff
) -> None:
    workflow = a_workflow(TASK, by=alice_staff, fact="people.accepted")
    assert workflow.version is not None
    run = Run.objects.create(
        workflow=workflow,
        version=workflow.version,
        client=tom,
        key="1",
        fact="people.accepted",
        ids={"client_id": tom.pk},
        step=steps.first(workflow.version.content),
        due_at=clock.now(),
    )
    acts.stop(run, by=alice_staff)
    running.take_step(run.pk, run.step)
    run.refresh_from_db()
    assert run.state == "stopped" and not Task.objects.exists() and not run.steps.exists()


def test_once_per_client_holds_over_many_events(tom: Client, maria: Client, alice_staff: Staff) -> None:
    a_workflow(TASK, by=alice_staff, once="client")
    for client in (tom, tom, maria):
        set_off(client, alice_staff)
    assert Task.objects.open().count() == 2 and Run.objects.count() == 2


def test_nobody_is_invited_twice(tom: Client, alice_staff: Staff) -> None:
    a_workflow(INVITE, by=alice_staff)
    set_off(tom, alice_staff)
    set_off(tom, alice_staff)
    assert Invitation.objects.filter(client=tom).count() == 1 and len(mail.outbox) == 1
    assert [run.steps.get().state for run in Run.objects.order_by("pk")] == ["done", "skipped"]


def test_conditions_decide_who_is_meant(tom: Client, maria: Client, alice_staff: Staff) -> None:
    named = {"offer": "client", "is": "is", "value": "tom becker"}
    a_workflow(TASK, by=alice_staff, conditions=[named])
    set_off(maria, alice_staff)
    set_off(tom, alice_staff)
    assert Run.objects.get().client == tom


def test_a_workflow_that_is_off_starts_nothing(tom: Client, alice_staff: Staff) -> None:
    workflow = a_workflow(TASK, by=alice_staff)
    editing.switch(workflow, is_on=False, by=alice_staff)
    set_off(tom, alice_staff)
    assert not Run.objects.exists()


def test_a_wait_ends_when_its_time_is_over_and_not_before(tom: Client, alice_staff: Staff) -> None:
    a_workflow(("wait", {"kind": "for", "amount": "3", "unit": "days"}), TASK, by=alice_staff)
    set_off(tom, alice_staff)
    assert Run.objects.get().state == "waiting"
    for days, done in ((2, 0), (4, 1)):
        with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
            wake.send()
            run_jobs()
        assert Task.objects.open().count() == done


def test_a_wait_for_a_fact_ends_with_it(tom: Client, maria: Client, alice_staff: Staff) -> None:
    waiting = ("wait", {"kind": "fact", "fact": "people.accepted", "amount": "9", "unit": "days"})
    a_workflow(waiting, TASK, by=alice_staff)
    set_off(tom, alice_staff)
    publish("people.accepted", client_id=maria.pk, invitation_id=1)
    run_jobs()
    assert Run.objects.get().state == "waiting"
    publish("people.accepted", client_id=tom.pk, invitation_id=1)
    run_jobs()
    assert Run.objects.get().state == "done" and Task.objects.open().count() == 1


def test_running_ones_keep_their_version(tom: Client, alice_staff: Staff) -> None:
    workflow = a_workflow(("wait", {"kind": "for", "amount": "1", "unit": "days"}), TASK, by=alice_staff)
    set_off(tom, alice_staff)
    for step in workflow.draft["steps"]:
        editing.remove_step(workflow, step=step["id"], by=alice_staff)
    editing.add_step(workflow, do="people.invite", place="root", settings={}, by=alice_staff)
    editing.put_in_force(workflow, by=alice_staff)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        wake.send()
        run_jobs()
    assert Task.objects.open().count() == 1 and not Invitation.objects.exists()


def test_what_is_refused_fails_in_words_and_can_be_tried_again(
    tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ("projects.from_template", {"template": "999", "name": "Like it"})
    workflow = a_workflow(TASK, by=alice_staff)
    content = {**workflow.draft, "steps": [{"id": "x1", "do": project[0], "settings": project[1]}]}
    workflow.version.content = content  # type: ignore[union-attr]
    workflow.version.save()  # type: ignore[union-attr]
    set_off(tom, alice_staff)
    run = Run.objects.get()
    assert run.state == "failed" and "Like this project" in run.words
    acts.retry(run, by=alice_staff)
    run_jobs()
    run.refresh_from_db()
    assert run.state == "failed"
    acts.skip(run, step="x1", by=alice_staff)
    run.refresh_from_db()
    assert run.state == "done" and run.steps.get().state == "skipped"


def test_an_effect_and_its_log_exist_together_or_not_at_all(
    tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_workflow(TASK, by=alice_staff)
    whole = running.note

    def dies(*args: object, **more: object) -> None:
        whole(*args, **more)  # type: ignore[arg-type]
        raise RuntimeError("the worker dies here")

    monkeypatch.setattr(running, "note", dies)
    set_off(tom, alice_staff)
    assert not Task.objects.open().exists() and not StepLog.objects.exists()
    monkeypatch.undo()
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        wake.send()
        run_jobs()
    assert Task.objects.open().count() == 1 and Run.objects.get().state == "done"


def test_five_faults_of_ours_need_a_person(
    tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_workflow(TASK, by=alice_staff)

    def breaks(*args: object) -> str:
        raise RuntimeError("broken")

    action = doing.action_of({"do": "tasks.add"})
    broken = Action(action.key, action.label, action.form, breaks, action.say)
    monkeypatch.setattr(doing, "action_of", lambda step: broken)
    set_off(tom, alice_staff)
    for hours in range(1, 8):
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
            wake.send()
            run_jobs()
    run = Run.objects.get()
    assert run.state == "failed" and "5 times" in run.words


def test_a_workflow_that_sets_itself_off_is_stopped_with_words(tom: Client, alice_staff: Staff) -> None:
    circle = a_workflow(MAIL, by=alice_staff, fact="mail.bounced", name="Circle")
    from tenants.jobs.middleware import carried

    token = carried.set({"workflows": [circle.pk]})
    try:
        from portal.mail.models import Message

        message = Message.objects.create(email="workflows.mail", client=tom, address=tom.email)
        publish("mail.bounced", message_id=str(message.pk))
    finally:
        carried.reset(token)
    run_jobs()
    run = Run.objects.get()
    assert run.state == "stopped" and "circle" in run.words and "Circle" in run.words


def test_what_a_step_brings_about_carries_the_chain(tom: Client, alice_staff: Staff) -> None:
    first = a_workflow(
        ("invoices.draft", {"title": "Care", "line": "Care", "minor": "10"}), by=alice_staff, name="First"
    )
    from modules.projects.operations import create_project

    like = create_project(owner=tom, by=alice_staff, name="Template")
    run_jobs()
    second = a_workflow(
        ("projects.from_template", {"template": str(like.pk), "name": "New"}), by=alice_staff, name="Second"
    )
    third = a_workflow(TASK, by=alice_staff, fact="projects.created", name="Third")
    set_off(tom, alice_staff)
    assert Run.objects.get(workflow=third).chain == [second.pk]
    assert Run.objects.get(workflow=first).chain == []


def test_a_flood_of_runs_for_one_client_is_stopped(
    tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "MOST_A_DAY", 2)
    a_workflow(TASK, by=alice_staff)
    for _ in range(3):
        set_off(tom, alice_staff)
    assert [run.state for run in Run.objects.order_by("pk")] == ["done", "done", "stopped"]
    assert Task.objects.open().count() == 2


def test_removing_access_stops_what_is_under_way(tom: Client, alice_staff: Staff) -> None:
    a_workflow(("wait", {"kind": "for", "amount": "3", "unit": "days"}), TASK, by=alice_staff)
    set_off(tom, alice_staff)
    remove_access(tom, by=alice_staff)
    run_jobs()
    run = Run.objects.get()
    assert run.state == "stopped" and "access was removed" in run.words


@time_machine.travel("2026-03-02 21:30:00+00:00", tick=False)
def test_mails_wait_in_quiet_hours_of_the_clients_zone(tom: Client, alice_staff: Staff) -> None:
    WorkflowSettings.objects.create(pk=1, quiet_from="21:00", quiet_until="08:00")
    Client.objects.filter(pk=tom.pk).update(zone="Europe/Lisbon")
    a_workflow(MAIL, by=alice_staff)
    set_off(tom, alice_staff)
    run = Run.objects.get()
    assert run.state == "waiting" and str(run.due_at) == "2026-03-03 08:00:00+00:00" and not mail.outbox
    with time_machine.travel("2026-03-03 08:01:00+00:00", tick=False):
        wake.send()
        run_jobs()
    assert len(mail.outbox) == 1 and Run.objects.get().state == "done"


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_branch_goes_one_way(tom: Client, alice_staff: Staff, is_paid: bool) -> None:
    workflow = a_workflow(TASK, by=alice_staff)
    asked = {"conditions": [{"offer": "has_signed_in", "is": "yes" if is_paid else "no", "value": ""}]}
    branch = editing.add_step(workflow, do="branch", place="root", settings=asked, by=alice_staff)
    for arm in ("yes", "no"):
        settings = {"title": f"arm {arm}", "days": ""}
        editing.add_step(
            workflow, do="tasks.add", place=f"{branch['id']}.{arm}", settings=settings, by=alice_staff
        )
    editing.add_step(workflow, do="people.invite", place="root", settings={}, by=alice_staff)
    editing.put_in_force(workflow, by=alice_staff)
    set_off(tom, alice_staff)
    titles = set(Task.objects.open().values_list("title", flat=True))
    assert titles == {"Look at Tom Becker", f"arm {'no' if is_paid else 'yes'}"}
    assert Invitation.objects.filter(client=tom).count() == 1


def test_another_agency_hears_nothing(tom: Client, alice_staff: Staff, harbour: CurrentAgency) -> None:
    from tenants.agencies.current import inside

    a_workflow(TASK, by=alice_staff)
    set_off(tom, alice_staff)
    with inside(harbour):
        assert not Run.objects.exists() and not Task.objects.exists()

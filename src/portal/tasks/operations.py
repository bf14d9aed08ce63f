"""Tasks: asked for, handed on, done, opened again."""

from datetime import date

from django.db import transaction

from kit import clock
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.people import charge
from portal.people.models import Client, Company, Staff
from portal.tasks.models import Task


@transaction.atomic
def add_task(
    title: str,
    *,
    by: Staff | None,
    assignee: Staff | None = None,
    about: Client | Company | None = None,
    note: str = "",
    path: str = "",
    source: str = "",
    due_on: date | None = None,
    request: Request | None = None,
) -> Task:
    """Ask staff for something. An open task of the same source takes the new words and day; nobody is asked twice.

    Args:
        by: who asks; None for the system.
        assignee: whose work it is; None: anybody's. An open task keeps the one it has been handed to. What the
            system asks for is anybody's when this person does not see whom it is about.
        path: the console's page where it is done, from the agency's root (`/feedback/7/`).
        source: who asks, `module.noun:id`; empty: a task of its own.
        due_on: the last day, in the agency's zone.

    Raises:
        NotServed: `by` gives it to somebody who does not see whom it is about.
    """
    if by is None:
        assignee = charge.able(assignee, about)
    else:
        charge.need(assignee, about, field="assignee")
    wanted = {"title": title.strip()[:200], "note": note.strip(), "path": path, "due_on": due_on}
    whose = {
        "assignee": assignee,
        "client": about if isinstance(about, Client) else None,
        "company": about if isinstance(about, Company) else None,
        "created_by": by,
    }
    if source:
        task, is_new = (
            Task.objects.open()
            .select_for_update(of=("self",))
            .get_or_create(source=source, done_at=None, defaults={**wanted, **whose})
        )
    else:
        task, is_new = Task.objects.create(**wanted, **whose), True
    if not is_new:
        Task.objects.filter(pk=task.pk).update(**wanted)
        task.refresh_from_db()
        return task
    record("tasks.added", task, by=by, summary=f"Task added: {task}", request=request)
    publish("tasks.added", task_id=task.pk)
    return task


@transaction.atomic
def hand_to(task: Task, assignee: Staff | None, *, by: Staff | None, request: Request | None = None) -> None:
    """Make it the work of somebody else, or of nobody yet.

    Raises:
        NotServed: the new one does not see whom it is about.
    """
    charge.need(assignee, task.owner, field="assignee")
    if Task.objects.exclude(assignee=assignee).filter(pk=task.pk).update(assignee=assignee):
        summary = f"{task}: {'handed to ' + str(assignee) if assignee else 'nobody’s yet'}"
        record("tasks.handed_on", task, by=by, summary=summary, request=request)
        task.assignee = assignee


@transaction.atomic
def set_done(task: Task, *, is_done: bool, by: Staff | None, request: Request | None = None) -> None:
    """Tick it off, or take the tick away. Doing so twice changes nothing more.

    A task that was asked for again meanwhile stays done: the newer one is open.
    """
    locked = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if is_done == (locked.done_at is not None):
        return
    if not is_done and locked.source and Task.objects.open().filter(source=locked.source).exists():
        return
    locked.done_at, locked.done_by = (clock.now(), by) if is_done else (None, None)
    locked.save(update_fields=["done_at", "done_by"])
    summary = f"Task {'done' if is_done else 'open again'}: {locked}"
    record("tasks.done" if is_done else "tasks.reopened", locked, by=by, summary=summary, request=request)
    if is_done:
        publish("tasks.done", task_id=locked.pk)


def done_at_source(source: str, *, by: Staff | None) -> None:
    """Tick off the open task of this source, if there is one: what it asked for has happened."""
    for task in Task.objects.open().filter(source=source):
        set_done(task, is_done=True, by=by)

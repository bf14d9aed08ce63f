"""Work and talk among staff. Nothing here is told to a client, by any road."""

from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction

from kit import clock
from kit.typed import apply, check_fields, text_of
from modules.projects.models import InternalComment, Project, Task
from modules.projects.operations.checks import WRITE_FIRST, lock
from portal.audit.operations import Trail, record
from portal.people import charge
from portal.people.models import Staff


class TaskFields(TypedDict, total=False):
    """What staff decide about a task."""

    title: str
    note: str
    assignee: Staff | None
    due_on: date | None


@transaction.atomic
def add_task(
    project: Project, *, by: Staff | None, trail: Trail | None = None, **fields: Unpack[TaskFields]
) -> Task:
    """Add a task.

    Raises:
        NotValid: a field's value is refused; `field` says which.
        ArchivedProject: the project is only read.
        NotServed: the assignee does not see whose project it is.
    """
    task = Task(project=lock(project))
    apply(task, fields)
    check_fields(task, list(TaskFields.__annotations__))
    charge.need(task.assignee, task.project.owner, field="assignee")
    task.save()
    record("projects.task_added", task, by=by, summary=f"Added a task to {task.project}", **(trail or {}))
    return task


@transaction.atomic
def edit_task(
    task: Task, *, by: Staff | None, trail: Trail | None = None, **fields: Unpack[TaskFields]
) -> Task:
    """Change what is given, leave the rest.

    Raises:
        NotValid: a field's value is refused; `field` says which.
        ArchivedProject: the project is only read.
        NotServed: the new assignee does not see whose project it is.
    """
    project = lock(task.project)
    change = apply(task, fields)
    check_fields(task, list(TaskFields.__annotations__))
    if "assignee" in change:
        charge.need(task.assignee, project.owner, field="assignee")
    if change:
        task.save()
        summary = f"Changed a task of {project}"
        record("projects.task_edited", task, by=by, summary=summary, change=change, **(trail or {}))
    return task


@transaction.atomic
def set_task_done(task: Task, *, is_done: bool, by: Staff | None, trail: Trail | None = None) -> None:
    """Tick it off, or take the tick away. Doing so twice changes nothing more.

    Raises:
        ArchivedProject: the project is only read.
    """
    project = lock(task.project)
    if is_done == (task.done_at is not None):
        return
    task.done_at = clock.now() if is_done else None
    task.save(update_fields=["done_at"])
    summary = f"{'Finished' if is_done else 'Reopened'} a task of {project}"
    record(
        "projects.task_done" if is_done else "projects.task_reopened",
        task,
        by=by,
        summary=summary,
        **(trail or {}),
    )


@transaction.atomic
def delete_task(task: Task, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Take it away.

    Raises:
        ArchivedProject: the project is only read.
    """
    project = lock(task.project)
    change = {"title": [task.title, None]}
    summary = f"Deleted a task of {project}"
    record("projects.task_deleted", task, by=by, summary=summary, change=change, **(trail or {}))
    task.delete()


@transaction.atomic
def add_internal_comment(
    project: Project, *, text: str, by: Staff | None, trail: Trail | None = None
) -> InternalComment:
    """Say something to the other staff.

    Raises:
        NotValid: there is no text.
        ArchivedProject: the project is only read.
    """
    note = InternalComment.objects.create(
        project=lock(project), staff=by, text=text_of(text, demand=WRITE_FIRST)
    )
    summary = f"Wrote a note on {note.project}"
    record("projects.note_added", note, by=by, summary=summary, **(trail or {}))
    return note

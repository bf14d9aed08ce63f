"""A thread's task: what makes it appear in the work of whoever answers it."""

from django.utils import timezone

from modules.feedback.models import Thread
from portal.agency import current_agency
from portal.people.models import Staff
from portal.tasks.models import Task
from portal.tasks.operations import add_task, done_at_source, hand_to


def ask(thread: Thread) -> None:
    """Put the thread before its assignee, with the day by which it is to be answered."""
    due = thread.answer_due_at
    add_task(
        f"Feedback {thread}",
        by=None,
        assignee=thread.assignee,
        about=thread.author,
        path=f"/feedback/{thread.pk}/",
        source=thread.task_source,
        due_on=timezone.localtime(due, current_agency().tzinfo).date() if due else None,
    )


def rest(thread: Thread, *, by: Staff | None) -> None:
    """Nothing is to be done about it now: its task is ticked off."""
    done_at_source(thread.task_source, by=by)


def hand_on(thread: Thread, *, by: Staff | None) -> None:
    """Its open task becomes the work of the new assignee."""
    task = Task.objects.open().filter(source=thread.task_source).first()
    if task is not None:
        hand_to(task, thread.assignee, by=by)


def ask_mentioned(thread: Thread, staff: Staff, *, entry_id: int, by: Staff) -> None:
    """A colleague is asked to look at a note."""
    add_task(
        f"{by} mentioned you in {thread}",
        by=by,
        assignee=staff,
        about=thread.author,
        path=f"/feedback/{thread.pk}/#e{entry_id}",
        source=f"feedback.entry:{entry_id}:{staff.pk}",
    )

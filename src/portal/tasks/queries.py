"""Tasks as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from portal.module import Charge, Waiting
from portal.people.models import Staff
from portal.tasks.models import Task
from portal.waiting.queries import staff_lines

MOST = 200
SHOWN = 5
FILTERS = {"": "Mine and nobody’s", "all": "Everybody’s", "done": "Done"}


@dataclass(frozen=True)
class ToDo:
    """What the console's home says of it."""

    tasks: Sequence[Task]
    lines: Sequence[Waiting]
    more: int


def tasks_of(staff: Staff, which: str) -> list[Task]:
    """Open tasks of this member of staff and of nobody, of everybody, or the newest that are done."""
    found = Task.objects.served_by(staff).select_related("assignee", "client", "company", "done_by")
    if which == "done":
        return list(found.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:MOST])
    open_ones = found.open()
    if which != "all":
        open_ones = open_ones.filter(Q(assignee=staff) | Q(assignee=None))
    return list(open_ones[:MOST])


def charges_of(staff: Staff) -> list[Charge]:
    """The open tasks of this member of staff that are about somebody."""
    mine = Task.objects.open().filter(assignee=staff).select_related("client", "company")
    return [Charge(task.owner, f"the task “{task}”") for task in mine if task.owner is not None]


def first_of(staff: Staff) -> ToDo:
    """The few that come first, and how many more there are."""
    tasks, lines = tasks_of(staff, ""), staff_lines(staff)
    shown, room = tasks[:SHOWN], max(SHOWN - len(tasks), 0)
    return ToDo(shown, lines[:room], len(tasks) + len(lines) - len(shown) - len(lines[:room]))

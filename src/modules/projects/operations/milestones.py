"""Milestones: added, edited, put in order, brought from state to state."""

from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from kit.refused import NotValid
from kit.typed import apply, check_fields
from modules.projects.models import Milestone, Project
from modules.projects.operations.checks import lock
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Staff


class MilestoneFields(TypedDict, total=False):
    """What staff decide about a milestone. Left out: as it was, or the model's default."""

    name: str
    note: str
    weight: int
    due_on: date | None
    state: str


@transaction.atomic
def add_milestone(
    project: Project, *, by: Staff | None, trail: Trail | None = None, **fields: Unpack[MilestoneFields]
) -> Milestone:
    """Add one at the end.

    Raises:
        NotValid: a field's value is refused; `field` says which.
        ArchivedProject: the project is only read.
    """
    locked = lock(project)
    last = locked.milestones.aggregate(last=Max("position"))["last"]
    milestone = Milestone(project=locked, position=0 if last is None else last + 1)
    _write(milestone, fields)
    summary = f"Added the milestone {milestone} to {locked}"
    record("projects.milestone_added", milestone, by=by, summary=summary, **(trail or {}))
    _publish_if_done(milestone, was_done=False)
    return milestone


@transaction.atomic
def edit_milestone(
    milestone: Milestone, *, by: Staff | None, trail: Trail | None = None, **fields: Unpack[MilestoneFields]
) -> Milestone:
    """Change what is given, leave the rest.

    Raises:
        NotValid: a field's value is refused; `field` says which.
        ArchivedProject: the project is only read.
    """
    lock(milestone.project)
    fresh: Milestone = Milestone.objects.select_related("project").get(pk=milestone.pk)
    was_done = fresh.is_done
    change = _write(fresh, fields)
    if change:
        summary = f"Changed the milestone {fresh} of {fresh.project}"
        record("projects.milestone_edited", fresh, by=by, summary=summary, change=change, **(trail or {}))
    _publish_if_done(fresh, was_done=was_done)
    return fresh


@transaction.atomic
def set_milestone_state(
    milestone: Milestone, *, state: str, by: Staff | None, trail: Trail | None = None
) -> Milestone:
    """Bring it into a state. Reaching "done" is told to whoever listens, once per time it is reached.

    Raises:
        NotValid: there is no such state.
        ArchivedProject: the project is only read.
    """
    return edit_milestone(milestone, by=by, trail=trail, state=state)


@transaction.atomic
def move_milestone(milestone: Milestone, *, up: bool, by: Staff | None, trail: Trail | None = None) -> None:
    """Swap it with the one before or after; the first cannot go up, the last not down: nothing happens.

    Raises:
        ArchivedProject: the project is only read.
    """
    project = lock(milestone.project)
    line = list(project.milestones.all())
    at = line.index(milestone)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(line):
        return
    line[at], line[to] = line[to], line[at]
    for position, one in enumerate(line):
        one.position = position
    Milestone.objects.bulk_update(line, ["position"])
    summary = f"Moved the milestone {milestone} of {project} {'up' if up else 'down'}"
    record("projects.milestone_moved", milestone, by=by, summary=summary, **(trail or {}))


@transaction.atomic
def delete_milestone(milestone: Milestone, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Take it away; the percentage is counted from those that stay.

    Raises:
        ArchivedProject: the project is only read.
    """
    project = lock(milestone.project)
    summary = f"Deleted the milestone {milestone} of {project}"
    record("projects.milestone_deleted", milestone, by=by, summary=summary, **(trail or {}))
    milestone.delete()


def _write(milestone: Milestone, fields: MilestoneFields) -> dict[str, list[object]]:
    state = fields.get("state", milestone.state)
    if state not in Milestone.State.values:
        raise NotValid("There is no such state.", field="state")
    before = milestone.state
    change = apply(milestone, {name: value for name, value in fields.items() if name != "state"})
    milestone.move_to(state)
    if before != state:
        change["state"] = [before, state]
    check_fields(milestone, ["name", "note", "due_on"])
    if not 1 <= milestone.weight <= Milestone.MOST_WEIGHT:
        raise NotValid(f"A weight lies between 1 and {Milestone.MOST_WEIGHT}.", field="weight")
    milestone.save()
    return change


def _publish_if_done(milestone: Milestone, *, was_done: bool) -> None:
    if milestone.is_done and not was_done:
        publish("projects.milestone_done", milestone_id=milestone.pk, project_id=milestone.project_id)

"""What staff change: the draft, which version counts, on and off. Every change is checked in words."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import NotValid, Refused
from portal import registry
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Staff
from portal.workflows import checking, conditions, doing, steps
from portal.workflows.acts import stop_all_of_workflow
from portal.workflows.models import Workflow, WorkflowVersion
from portal.workflows.values import offers_of

ONCE = {
    "event": "Every time it happens",
    "thing": "Once for each client and thing",
    "client": "Only once for each client, ever",
}


class Gone(Refused):
    """The step is not there any more."""

    words = "This step was removed meanwhile. Look at the page again."


@transaction.atomic
def create_workflow(
    name: str, *, by: Staff | None, content: steps.Content | None = None, request: Request | None = None
) -> Workflow:
    """A workflow that is off. Raises NotValid (name)."""
    made = Workflow.objects.create(name=_name(name), draft=content or steps.empty(), made_by=by)
    record("workflows.created", made, by=by, summary=f"Made the workflow {made}", request=request)
    return made


@transaction.atomic
def rename(workflow: Workflow, *, name: str, by: Staff, request: Request | None = None) -> None:
    """Another name. Raises NotValid."""
    held = _held(workflow)
    before, held.name = held.name, _name(name)
    if before != held.name:
        held.save(update_fields=["name"])
        change = {"name": [before, held.name]}
        record("workflows.renamed", held, by=by, summary=f"Renamed to {held}", change=change, request=request)


def set_trigger(workflow: Workflow, *, fact: str, days: int | None, once: str, by: Staff) -> None:
    """On what it hangs, and how often. Raises NotValid: no such event, or a number of days that cannot be."""
    trigger = registry.triggers().get(fact)
    if trigger is None or not doing.is_in_plan(fact):
        raise NotValid("Choose what sets it off.", field="fact")
    if once not in ONCE:
        raise NotValid("Choose how often.", field="once")
    if trigger.due is not None and not (days and 1 <= days <= 400):
        raise NotValid("Say how many days, from 1 to 400.", field="days")

    def change(content: steps.Content) -> None:
        content["trigger"] = {"fact": fact, "days": days or 0}
        content["once"] = once

    _edit(workflow, change)


def add_condition(workflow: Workflow, *, condition: conditions.Condition, branch: str, by: Staff) -> None:
    """One more thing that must be so: for the workflow, or for a branch.

    Raises:
        conditions.BadCondition, NotValid: it cannot be asked, or there are too many.
        Gone: there is no such branch.
    """

    def change(content: steps.Content) -> None:
        conditions.check(condition, offers_of(registry.triggers().get(content["trigger"]["fact"])))
        rows = _conditions(content, branch)
        if len(rows) >= conditions.MOST:
            raise NotValid(f"More than {conditions.MOST} conditions nobody understands.")
        rows.append(
            {"offer": condition["offer"], "is": condition["is"], "value": condition["value"].strip()[:200]}
        )

    _edit(workflow, change)


def remove_condition(workflow: Workflow, *, position: int, branch: str, by: Staff) -> None:
    """One condition less. Raises Gone."""

    def change(content: steps.Content) -> None:
        rows = _conditions(content, branch)
        if not 0 <= position < len(rows):
            raise Gone
        del rows[position]

    _edit(workflow, change)


def add_step(
    workflow: Workflow, *, do: str, place: str, settings: Mapping[str, Any], by: Staff
) -> steps.Step:
    """A step at the end of a place (see steps.list_of). Raises NotValid, Gone."""
    made = steps.new_step(do, dict(settings))

    def change(content: steps.Content) -> None:
        rows = steps.list_of(content, place)
        if rows is None:
            raise Gone
        if do not in (steps.WAIT, steps.BRANCH) and (
            do not in registry.actions() or not doing.is_in_plan(do)
        ):
            raise NotValid("Choose what it does.", field="do")
        if len(steps.every(content)) >= steps.MOST_STEPS:
            raise NotValid(f"More than {steps.MOST_STEPS} steps nobody understands. Make a second workflow.")
        if do == steps.BRANCH and steps.depth_of(content, place) >= steps.DEEPEST:
            raise NotValid("A branch cannot lie that deep. Make a second workflow.")
        rows.append(made)

    _edit(workflow, change)
    return made


def change_step(workflow: Workflow, *, step: str, settings: Mapping[str, Any], by: Staff) -> None:
    """Other settings, as typed. Raises Gone."""

    def change(content: steps.Content) -> None:
        found = steps.find(content, step)
        if found is None:
            raise Gone
        found["settings"] = dict(settings)

    _edit(workflow, change)


def move_step(workflow: Workflow, *, step: str, by_places: int, by: Staff) -> None:
    """Up (-1) or down (1) among its neighbours; at the end it stays. Raises Gone."""

    def change(content: steps.Content) -> None:
        held = steps.holder_of(content, step)
        if held is None:
            raise Gone
        rows, position = held
        to = max(0, min(len(rows) - 1, position + by_places))
        rows.insert(to, rows.pop(position))

    _edit(workflow, change)


def remove_step(workflow: Workflow, *, step: str, by: Staff) -> None:
    """Take a step out, with what lies in it. Raises Gone."""

    def change(content: steps.Content) -> None:
        held = steps.holder_of(content, step)
        if held is None:
            raise Gone
        rows, position = held
        del rows[position]

    _edit(workflow, change)


@transaction.atomic
def put_in_force(workflow: Workflow, *, by: Staff, request: Request | None = None) -> WorkflowVersion:
    """Make the draft count, for runs that begin from now on. Raises NotValid: something is missing."""
    held = _held(workflow)
    if wrong := checking.problems(held.draft):
        raise NotValid(wrong[0].words)
    if held.version is not None and not held.is_changed:
        return held.version
    made = _frozen(held, by)
    held.version, held.fact = made, held.draft["trigger"]["fact"]
    held.save(update_fields=["version", "fact"])
    record(
        "workflows.changed", held, by=by, summary=f"Version {made.number} of {held} counts", request=request
    )
    return made


@transaction.atomic
def freeze_for_test(workflow: Workflow, *, by: Staff) -> WorkflowVersion:
    """The draft as a version that counts for nobody else. Raises NotValid: something is missing."""
    held = _held(workflow)
    if wrong := checking.problems(held.draft):
        raise NotValid(wrong[0].words)
    return _frozen(held, by)


def _frozen(held: Workflow, by: Staff) -> WorkflowVersion:
    newest = held.versions.first()
    if newest is not None and newest.content == held.draft:
        return newest
    number = newest.number + 1 if newest else 1
    return WorkflowVersion.objects.create(workflow=held, number=number, content=held.draft, made_by=by)


@transaction.atomic
def switch(workflow: Workflow, *, is_on: bool, by: Staff, request: Request | None = None) -> None:
    """On or off. Switching on makes the draft count; off starts nothing new and lets what began end."""
    held = _held(workflow)
    if is_on:
        put_in_force(held, by=by, request=request)
        held = _held(workflow)
    if held.is_on != is_on:
        held.is_on = is_on
        held.save(update_fields=["is_on"])
        verb, word = ("switched_on", "on") if is_on else ("switched_off", "off")
        record(f"workflows.{verb}", held, by=by, summary=f"Switched {held} {word}", request=request)


@transaction.atomic
def go_back(workflow: Workflow, *, number: int, by: Staff) -> None:
    """Copy an older version into the draft (the one that counts: forget the changes). Raises NotValid."""
    held = _held(workflow)
    version = held.versions.filter(number=number).first()
    if version is None:
        raise NotValid("There is no such version.")
    held.draft = version.content
    held.save(update_fields=["draft"])


@transaction.atomic
def delete(workflow: Workflow, *, by: Staff, request: Request | None = None) -> int:
    """Take it away; what is under way stops. How many runs that were."""
    held = _held(workflow)
    stopped = stop_all_of_workflow(held, by=by)
    Workflow.objects.filter(pk=held.pk).update(removed_at=clock.now(), is_on=False)
    record("workflows.deleted", held, by=by, summary=f"Deleted the workflow {held}", request=request)
    return stopped


@transaction.atomic
def _edit(workflow: Workflow, change: Callable[[steps.Content], None]) -> None:
    held = _held(workflow)
    content = copy.deepcopy(held.draft)
    change(content)
    held.draft = content
    held.save(update_fields=["draft"])
    workflow.draft = content


def _conditions(content: steps.Content, branch: str) -> list[conditions.Condition]:
    if not branch:
        rows: list[conditions.Condition] = content["conditions"]
        return rows
    found = steps.find(content, branch)
    if found is None or found["do"] != steps.BRANCH:
        raise Gone
    inside: list[conditions.Condition] = found["settings"].setdefault("conditions", [])
    return inside


def _held(workflow: Workflow) -> Workflow:
    return Workflow.objects.select_for_update(of=("self",)).select_related("version").get(pk=workflow.pk)


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or "\x00" in name:
        raise NotValid("Give it a name.", field="name")
    if len(name) > 120:
        raise NotValid("At most 120 letters.", field="name")
    return name

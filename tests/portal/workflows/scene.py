"""Workflows as tests make them, and what they are set off by."""

from typing import Any

from portal.people.models import Client, Staff
from portal.tasks.operations import add_task, set_done
from portal.workflows import editing, steps
from portal.workflows.models import Run, Workflow
from tests.running_jobs import run_jobs

TASK = ("tasks.add", {"title": "Look at {{ client }}", "days": ""})
MAIL = ("workflows.mail", {"subject": "Hello {{ first_name }}", "body": "See {{ link }}", "button": ""})
INVITE: tuple[str, dict[str, Any]] = ("people.invite", {})


def a_workflow(
    *sketch: tuple[str, dict[str, Any]],
    by: Staff,
    fact: str = "tasks.done",
    once: str = "event",
    conditions: list[dict[str, str]] | None = None,
    days: int = 0,
    name: str = "Test",
) -> Workflow:
    """One that is on."""
    content = steps.empty(fact, days)
    content |= {"once": once, "conditions": conditions or []}
    content["steps"] = [steps.new_step(do, dict(settings)) for do, settings in sketch]
    made = editing.create_workflow(name, by=by, content=content)
    editing.switch(made, is_on=True, by=by)
    made.refresh_from_db()
    return made


def set_off(client: Client, by: Staff, *, title: str = "Something") -> None:
    """A task about a client is done; what follows has run."""
    set_done(add_task(title, by=by, about=client), is_done=True, by=by)
    run_jobs()


def steps_of(run: Run) -> list[tuple[str, str]]:
    """What each step came to."""
    return [(line.title, line.state) for line in run.steps.order_by("pk")]

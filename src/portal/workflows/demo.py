"""Two workflows that run in the demo's agencies, and one that waits to be switched on. The demo mails nobody."""

from datetime import timedelta
from typing import Any

from kit import clock
from portal import registry
from portal.module import Happening
from portal.people.models import Client
from portal.workflows import doing, editing, recipes, steps
from portal.workflows.models import Run, RunState, StepLog, StepState, Workflow

ON = ("invoice-late", "approved-invoice")
OFF = ("invoice-invite",)


def fill(cast: Any) -> None:
    """Believable ones: made from recipes, with runs as if they had begun days ago."""
    made = {}
    for key in (*ON, *OFF):
        recipe = recipes.find(key)
        if recipe is not None:
            made[key] = editing.create_workflow(recipe.name, by=cast.staff, content=recipe.content())
    for key in ON:
        if key in made:
            editing.switch(made[key], is_on=True, by=cast.staff)
    if late := made.get("invoice-late"):
        _late(late)


def _late(workflow: Workflow) -> None:
    """One run that waits for the money, and some that got it."""
    workflow.refresh_from_db()
    trigger = registry.triggers()["invoices.issued"]
    assert trigger.past is not None
    seen = 0
    for past in trigger.past(clock.now() - timedelta(days=200)):
        happening = trigger.read(**past.ids)
        if happening is None or not happening.clients or not happening.values["due_on"]:
            continue
        if happening.values["is_overdue"] or happening.values["is_paid"]:
            _run(workflow, happening.clients[0], happening, dict(past.ids), number=seen)
            seen += 1
        if seen == 4:
            return


def _run(
    workflow: Workflow, client: Client, happening: Happening, ids: dict[str, Any], *, number: int
) -> None:
    assert workflow.version is not None
    is_paid, began = bool(happening.values["is_paid"]), clock.now() - timedelta(days=number * 9, hours=20)
    content = workflow.version.content
    mail, wait = content["steps"][:2]
    run = Run.objects.create(
        workflow=workflow,
        version=workflow.version,
        client=client,
        key=f"thing:{happening.about}:{client.pk}",
        fact="invoices.overdue",
        ids=ids,
        about=happening.about,
        title=happening.title,
        state=RunState.DONE if is_paid else RunState.WAITING,
        step="" if is_paid else wait["id"],
        due_at=None if is_paid else clock.now() + timedelta(days=2),
        waits_for="" if is_paid else "invoices.paid",
        started_at=began,
        ended_at=began + timedelta(days=2) if is_paid else None,
    )
    said = f"Sent “Invoice {happening.values['number']} is still open” to {client}."
    _line(run, mail, content, StepState.DONE, said, began)
    if not is_paid:
        _line(run, wait, content, StepState.WAITING, "", began)
        return
    paid_at = began + timedelta(days=2)
    _line(run, wait, content, StepState.DONE, "It happened.", paid_at)
    _line(run, content["steps"][2], content, StepState.DONE, "It is not so.", paid_at)


def _line(run: Run, step: steps.Step, content: steps.Content, state: StepState, words: str, at: Any) -> None:
    title = doing.say(step, content)[:300]
    StepLog.objects.create(run=run, step=step["id"], title=title, state=state, words=words, at=at)

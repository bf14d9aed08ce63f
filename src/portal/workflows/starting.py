"""Hearing what happened, and starting runs: once per client and event, never in a circle, never in a flood."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from kit import clock
from portal import registry
from portal.module import Happening, Trigger
from portal.people.models import Client
from portal.workflows import conditions, doing, steps
from portal.workflows.models import Run, RunState, Workflow
from portal.workflows.values import offers_of, raw_values
from portal.workflows.waiting import is_awaited
from tenants.agencies.current import current_agency
from tenants.jobs.middleware import carried

DEEPEST_CHAIN = 5
MOST_A_DAY = 30  # runs of one client, all workflows together
CHAIN = "workflows"


def chain_now() -> list[int]:
    """The workflows that brought about what happens now, the first one first."""
    return [int(pk) for pk in carried.get().get(CHAIN, [])]


@transaction.atomic
def hear(fact: str, ids: Mapping[str, Any], event: str) -> None:
    """Start what hangs on a fact, and wake what waits for it."""
    trigger = registry.triggers().get(fact)
    if trigger is None or current_agency().is_read_only:
        return
    workflows = list(Workflow.objects.listening(fact).select_related("version"))
    waiting = Run.objects.filter(state=RunState.WAITING, waits_for=fact)
    if not workflows and not waiting.exists():
        return
    happening = trigger.read(**ids)
    if happening is None:
        return
    for workflow in workflows:
        start_all(workflow, happening, ids=ids, event=event)
    mine = waiting.filter(client__in=[client.pk for client in happening.clients])
    for run in mine.select_for_update(of=("self",)).order_by("pk"):
        if is_awaited(run, happening):
            _wake(run)


def start_due() -> int:
    """Start what follows the clock; how many runs. Runs hourly; equal ids are one event however often it runs."""
    if current_agency().is_read_only:
        return 0
    started = 0
    for trigger in registry.triggers().values():
        if trigger.due is not None:
            for workflow in Workflow.objects.listening(trigger.fact).select_related("version"):
                started += _start_due(workflow, trigger)
    return started


def start_all(workflow: Workflow, happening: Happening, *, ids: Mapping[str, Any], event: str) -> int:
    """Start a workflow for every client whom an event concerns; how many runs began."""
    return sum(bool(start(workflow, client, happening, ids=ids, event=event)) for client in happening.clients)


def start(
    workflow: Workflow, client: Client, happening: Happening, *, ids: Mapping[str, Any], event: str
) -> Run | None:
    """Start one run inside the caller's transaction; None if it was there already, or is not meant for this client."""
    version = workflow.version
    assert version is not None, "only what has a version listens"
    content = version.content
    if not is_meant(content, client, happening) or not doing.is_in_plan(content["trigger"]["fact"]):
        return None
    refusal = _refusal(workflow, client)
    run, is_new = Run.objects.get_or_create(
        workflow=workflow,
        key=f"refused:{event}:{client.pk}"[:200] if refusal else key_of(content, client, happening, event),
        defaults={
            "version": version,
            "client": client,
            "fact": content["trigger"]["fact"],
            "ids": dict(ids),
            "about": happening.about,
            "title": happening.title[:200],
            "chain": chain_now(),
            "step": steps.first(content),
            "due_at": clock.now(),
            **({"state": RunState.STOPPED, "ended_at": clock.now(), "words": refusal} if refusal else {}),
        },
    )
    if not is_new:
        return None
    if not refusal:
        enqueue(run)
    return run


def enqueue(run: Run) -> None:
    """Queue the run's next step, as part of the open transaction."""
    from portal.workflows.jobs import advance

    advance.send(run_id=run.pk, step=run.step)


def key_of(content: steps.Content, client: Client, happening: Happening, event: str) -> str:
    """What may happen once: this client, this client with this thing, or this client with this event."""
    once = content.get("once", "event")
    if once == "client":
        return f"client:{client.pk}"
    if once == "thing":
        return f"thing:{happening.about}:{client.pk}"[:200]
    return f"event:{event}:{client.pk}"[:200]


def is_meant(content: steps.Content, client: Client, happening: Happening) -> bool:
    """Whether the conditions hold for this client now; one that cannot be asked any more holds for nobody."""
    trigger = registry.triggers().get(content["trigger"]["fact"])
    try:
        return conditions.all_hold(
            content.get("conditions", []), raw_values(client, happening), offers_of(trigger)
        )
    except conditions.BadCondition:
        return False


def event_of(ids: Mapping[str, Any]) -> str:
    """The event's own id where nobody published it: equal ids, equal event."""
    return json.dumps(dict(ids), sort_keys=True, separators=(",", ":"))[:150]


def _start_due(workflow: Workflow, trigger: Trigger) -> int:
    version = workflow.version
    assert version is not None and trigger.due is not None
    days = int(version.content["trigger"].get("days") or trigger.days)
    started = 0
    for ids in trigger.due(days):
        happening = trigger.read(**ids)
        if happening is not None:
            with transaction.atomic():
                started += start_all(workflow, happening, ids=ids, event=event_of(ids))
    return started


def _refusal(workflow: Workflow, client: Client) -> str:
    """Why it must not start although it would, in words; "" if it may."""
    chain = chain_now()
    if workflow.pk in chain:
        return f"Stopped: {_names([*chain, workflow.pk])} would go round in a circle."
    if len(chain) >= DEEPEST_CHAIN:
        return f"Stopped: {len(chain)} workflows set each other off: {_names(chain)}."
    today = Run.objects.filter(client=client, started_at__gt=clock.now() - timedelta(days=1))
    if today.exclude(key__startswith="refused:").count() >= MOST_A_DAY:
        return f"Stopped: {MOST_A_DAY} runs began for {client} within a day. Is a workflow set off too often?"
    return ""


def _names(chain: Sequence[int]) -> str:
    names = dict(Workflow.objects.filter(pk__in=chain).values_list("pk", "name"))
    return " → ".join(f"“{names.get(pk, '?')[:40]}”" for pk in chain)[:200]


def _wake(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(waits_for="", due_at=clock.now())
    enqueue(run)

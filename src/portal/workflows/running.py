"""One step of one run: its effect, its log and the next step's job are one transaction."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import Refused
from portal import registry
from portal.module import Happening, NothingToDo
from portal.workflows import conditions, doing, steps, waiting
from portal.workflows.models import UNDER_WAY, Run, RunState, StepLog, StepState
from portal.workflows.quiet import quiet_until
from portal.workflows.starting import CHAIN, enqueue
from portal.workflows.values import offers_of, raw_values
from tenants.agencies.current import current_agency
from tenants.jobs.middleware import carried

logger = logging.getLogger(__name__)
MOST_TRIES = 5
# A job whose worker died is delivered again; this finds what was lost all the same.
OVERDUE = timedelta(minutes=5)


def take_step(run_id: int, step: str) -> None:
    """Do one step, if it is still that one's turn. May be called any number of times, at once too."""
    try:
        with transaction.atomic():
            _take(run_id, step)
    except Refused as refused:
        _fail(run_id, step, refused.words)
    except Exception:
        logger.exception("a step of run %s failed", run_id)
        _try_later(run_id, step)


def wake_due() -> int:
    """Queue the steps whose time has come; how many."""
    now = clock.now()
    due = Run.objects.filter(state=RunState.WAITING, due_at__lte=now)
    lost = Run.objects.filter(state=RunState.RUNNING, due_at__lte=now - OVERDUE)
    found = list((due | lost).order_by("due_at", "pk")[:1000])
    for run in found:
        enqueue(run)
    return len(found)


def finish(run: Run, state: RunState, words: str = "") -> None:
    """Close a run that the caller holds locked."""
    run.state, run.words, run.ended_at = state, words[:300], clock.now()
    run.due_at, run.waits_for = None, ""
    run.save(update_fields=["state", "words", "ended_at", "due_at", "waits_for"])


def go_to(run: Run, step: str) -> None:
    """Let a run that the caller holds locked go on with a step; "" ends it."""
    run.step, run.attempts, run.waits_for, run.words = step, 0, "", ""
    if not step:
        run.save(update_fields=["step"])
        finish(run, RunState.DONE)
        return
    run.state, run.due_at = RunState.RUNNING, clock.now()
    run.save(update_fields=["step", "attempts", "waits_for", "words", "state", "due_at"])
    enqueue(run)


def note(run: Run, step: steps.Step, state: StepState, words: str = "", **more: Any) -> None:
    """Write the one line of a step."""
    values = {
        "title": doing.say(step, run.content)[:300],
        "state": state,
        "words": words[:500],
        "attempts": run.attempts + 1,
        "at": clock.now(),
        **more,
    }
    StepLog.objects.update_or_create(run=run, step=step["id"], defaults=values)


def _take(run_id: int, step_id: str) -> None:
    run = Run.objects.select_for_update(of=("self",)).select_related("version", "workflow", "client")
    held = run.filter(pk=run_id, state__in=UNDER_WAY, step=step_id).first()
    if held is None or (held.due_at is not None and held.due_at > clock.now()):
        return
    if current_agency().is_read_only:
        _wait_until(held, timedelta(hours=1))
        return
    found = _still_so(held)
    if isinstance(found, str):
        finish(held, RunState.STOPPED, found)
        return
    step = steps.find(held.content, held.step)
    if step is None:
        go_to(held, "")
    elif step["do"] == steps.WAIT:
        _wait(held, step)
    elif step["do"] == steps.BRANCH:
        _branch(held, step, found)
    else:
        _act(held, step, found)


def _still_so(run: Run) -> Happening | str:
    """The event as it is now, or why the run is over."""
    if run.workflow.removed_at is not None:
        return "The workflow was deleted."
    if not run.client.has_access:
        return f"{run.client} has no access to the portal any more."
    trigger = registry.triggers().get(run.fact)
    happening = trigger.read(**run.ids) if trigger else None
    if happening is None:
        return f"{run.title or 'What it was about'} is gone, or not so any more."
    if run.is_test:
        return replace(happening, clients=[run.client], owner=run.client)
    if run.client_id not in {client.pk for client in happening.clients}:
        return f"{happening.title} does not concern {run.client} any more."
    return happening


def _wait(run: Run, step: steps.Step) -> None:
    if run.state == RunState.WAITING:
        ended_early = not run.waits_for and bool(waiting.awaited(doing.settings_of(step, run.content)))
        note(run, step, StepState.DONE, "It happened." if ended_early else "The time is over.")
        go_to(run, steps.after(run.content, step["id"]))
        return
    settings = doing.settings_of(step, run.content)
    fact = waiting.awaited(settings)
    if fact and waiting.has_happened(run, registry.triggers()[fact]):
        note(run, step, StepState.DONE, "It has happened already.")
        go_to(run, steps.after(run.content, step["id"]))
        return
    run.state, run.due_at, run.waits_for = RunState.WAITING, waiting.ends_at(settings), fact
    run.save(update_fields=["state", "due_at", "waits_for"])
    note(run, step, StepState.WAITING)


def _branch(run: Run, step: steps.Step, happening: Happening) -> None:
    asked = step["settings"].get("conditions", [])
    offers = offers_of(registry.triggers().get(run.fact))
    is_so = conditions.all_hold(asked, raw_values(run.client, happening), offers)
    note(run, step, StepState.DONE, "It is so." if is_so else "It is not so.")
    go_to(run, steps.into(run.content, step, "yes" if is_so else "no"))


def _act(run: Run, step: steps.Step, happening: Happening) -> None:
    action = doing.action_of(step)
    if not doing.is_in_plan(action.key):
        raise doing.Unfinished("Your plan does not have this.")
    quiet = quiet_until(run.client, clock.now()) if action.is_message and not run.is_test else None
    if quiet is not None:
        run.state, run.due_at = RunState.WAITING, quiet
        run.save(update_fields=["state", "due_at"])
        note(run, step, StepState.WAITING, "It is quiet hours: nobody gets mail from workflows now.")
        return
    settings = doing.settings_of(step, run.content)
    act = doing.act_for(
        run.client,
        happening,
        key=f"{run.pk}-{step['id']}",
        occasion=_occasion(run, step, happening),
        workflow=run.workflow.name,
        content=run.content,
    )
    token = carried.set({**carried.get(), CHAIN: [*run.chain, run.workflow_id]})
    try:
        note(run, step, StepState.DONE, action.run(act, settings))
    except NothingToDo as why:
        note(run, step, StepState.SKIPPED, str(why))
    finally:
        carried.reset(token)
    go_to(run, steps.after(run.content, step["id"]))


def _occasion(run: Run, step: steps.Step, happening: Happening) -> str:
    event = run.key.removesuffix(f":{run.client_id}")
    return f"{run.workflow_id}-{step['id']}:{happening.about}:{event}"


def _wait_until(run: Run, length: timedelta) -> None:
    run.state, run.due_at = RunState.RUNNING, clock.now() + length - OVERDUE
    run.save(update_fields=["state", "due_at"])


@transaction.atomic
def _fail(run_id: int, step_id: str, words: str) -> None:
    held = Run.objects.select_for_update(of=("self",)).filter(pk=run_id, state__in=UNDER_WAY, step=step_id)
    run = held.select_related("version").first()
    if run is None:
        return
    step = steps.find(run.content, step_id)
    if step is not None:
        note(run, step, StepState.FAILED, words)
    run.state, run.words, run.due_at, run.waits_for = RunState.FAILED, words[:300], None, ""
    run.save(update_fields=["state", "words", "due_at", "waits_for"])


@transaction.atomic
def _try_later(run_id: int, step_id: str) -> None:
    held = Run.objects.select_for_update(of=("self",)).filter(pk=run_id, state__in=UNDER_WAY, step=step_id)
    run = held.select_related("version").first()
    if run is None:
        return
    if run.attempts + 1 >= MOST_TRIES:
        words = f"Something went wrong on our side. It was tried {MOST_TRIES} times."
        _fail(run_id, step_id, words)
        return
    Run.objects.filter(pk=run.pk).update(
        attempts=run.attempts + 1, state=RunState.RUNNING, due_at=clock.now() + _pause(run.attempts) - OVERDUE
    )


def _pause(attempts: int) -> timedelta:
    return timedelta(minutes=2 * 4**attempts)  # 2, 8, 32, 128: about three hours in all

"""What staff do with runs: try again, skip, stop."""

from django.db import transaction

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client, Staff
from portal.workflows import steps
from portal.workflows.models import OPEN, Run, RunState, StepState, Workflow
from portal.workflows.running import finish, go_to, note


class NotNow(Refused):
    """The run is somewhere else by now."""

    words = "This has moved on since you opened the page."


@transaction.atomic
def retry(run: Run, *, by: Staff, request: Request | None = None) -> None:
    """Try the failed step again. Raises NotNow."""
    held = _held(run)
    if held.state != RunState.FAILED:
        raise NotNow
    record("workflows.retried", held, by=by, summary=f"Tried {held} again", request=request)
    go_to(held, held.step)


@transaction.atomic
def skip(run: Run, *, step: str, by: Staff, request: Request | None = None) -> None:
    """Leave the step out that failed or waits; of a branch the "no" arm. Raises NotNow."""
    held = _held(run)
    here = steps.find(held.content, held.step)
    if held.state not in (RunState.FAILED, RunState.WAITING) or held.step != step or here is None:
        raise NotNow
    record("workflows.skipped", held, by=by, summary=f"Skipped a step of {held}", request=request)
    note(held, here, StepState.SKIPPED, f"Skipped by {by}.", by=by)
    is_branch = here["do"] == steps.BRANCH
    go_to(held, steps.into(held.content, here, "no") if is_branch else steps.after(held.content, here["id"]))


@transaction.atomic
def stop(run: Run, *, by: Staff | None, why: str = "", request: Request | None = None) -> None:
    """End it for good. Raises NotNow."""
    held = _held(run)
    if held.state not in OPEN:
        raise NotNow
    record("workflows.stopped", held, by=by, summary=f"Stopped {held}", request=request)
    finish(held, RunState.STOPPED, why or f"Stopped by {by}.")


def stop_all_of_client(client: Client, why: str) -> int:
    """End everything that is under way for a client; how many runs."""
    return _stop_all(Run.objects.open().filter(client=client), why, by=None)


def stop_all_of_workflow(workflow: Workflow, *, by: Staff) -> int:
    """End everything that is under way in a workflow; how many runs."""
    return _stop_all(Run.objects.open().filter(workflow=workflow), f"All stopped by {by}.", by=by)


def note_access_removed(client_id: int) -> None:
    """Hear that a client has no access any more."""
    client = Client.objects.filter(pk=client_id).first()
    if client is not None and not client.has_access:
        stop_all_of_client(client, f"{client}'s access was removed.")


def _stop_all(runs: "object", why: str, *, by: Staff | None) -> int:
    stopped = 0
    for run in list(runs):  # type: ignore[call-overload]
        try:
            stop(run, by=by, why=why)
        except NotNow:
            continue
        stopped += 1
    return stopped


def _held(run: Run) -> Run:
    held = Run.objects.select_for_update(of=("self",)).select_related("version", "workflow", "client")
    return held.get(pk=run.pk)

"""What of runs a walk over foreign keys cannot settle when two clients become one."""

from kit import clock
from portal.workflows.models import UNDER_WAY, Run, RunState

STOPPED = "Stopped: two clients were merged, and the one that stays has a run of its own."


def merge_runs(kept: int, gone: int) -> None:
    """What happened once to the one that goes happened to the one that stays; nothing runs twice for them."""
    taken = set(Run.objects.filter(client=kept).values_list("workflow_id", "key"))
    for run in Run.objects.select_for_update(of=("self",)).filter(client=gone).order_by("pk"):
        key = f"{run.key.removesuffix(f':{gone}')}:{kept}" if run.key.endswith(f":{gone}") else run.key
        key = key.replace(f":people.client:{gone}:", f":people.client:{kept}:")
        if (run.workflow_id, key) not in taken:
            run.key = key
        elif run.state in UNDER_WAY:
            run.state, run.words, run.ended_at = RunState.STOPPED, STOPPED, clock.now()
            run.due_at, run.waits_for = None, ""
        if run.ids.get("client_id") == gone:
            run.ids = run.ids | {"client_id": kept}
        if run.about == f"people.client:{gone}":
            run.about = f"people.client:{kept}"
        run.save()

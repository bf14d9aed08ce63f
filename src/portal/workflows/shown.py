"""What the console's pages show of workflows and runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q

from kit import clock
from kit.paging import Page, page_by_id
from portal import registry
from portal.module import Module
from portal.people.models import Client
from portal.workflows import checking, conditions, doing, steps
from portal.workflows.models import OPEN, UNDER_WAY, Run, RunState, StepState, Workflow
from portal.workflows.values import offers_of

PAGE_SIZE = 50
TONES = {
    RunState.RUNNING: "accent",
    RunState.WAITING: "notice",
    RunState.FAILED: "negative",
    RunState.DONE: "positive",
    RunState.STOPPED: "",
}
STEP_TONES = {
    StepState.WAITING: "notice",
    StepState.DONE: "positive",
    StepState.SKIPPED: "",
    StepState.FAILED: "negative",
}
FILTERS = {"": "All", "open": "Under way", "failed": "Needs you", "done": "Done", "stopped": "Stopped"}


@dataclass(frozen=True)
class Arm:
    """One way out of a branch."""

    place: str
    words: str
    rows: "list[StepRow]"
    actions: list[tuple[str, str]]


@dataclass(frozen=True)
class StepRow:
    """A step as the editor shows it."""

    id: str
    words: str
    icon: str
    has_form: bool
    is_first: bool
    is_last: bool
    problems: list[str]
    conditions: list[str] = field(default_factory=list)
    arms: list[Arm] = field(default_factory=list)


@dataclass(frozen=True)
class ListRow:
    """A workflow in the list."""

    workflow: Workflow
    sentence: str
    under_way: int
    failed: int
    lately: int


def list_rows() -> list[ListRow]:
    """Every workflow with its counts: those that are on first."""
    since = clock.now() - timedelta(days=30)
    counted = Workflow.objects.kept().annotate(
        under_way=Count("runs", filter=Q(runs__state__in=UNDER_WAY)),
        failed=Count("runs", filter=Q(runs__state=RunState.FAILED)),
        lately=Count("runs", filter=Q(runs__started_at__gte=since, runs__is_test=False)),
    )
    found = counted.select_related("version").order_by("-is_on", "name", "pk")
    return [
        ListRow(one, sentence(one.draft), one.under_way, one.failed, one.lately)  # type: ignore[attr-defined]
        for one in found
    ]


def sentence(content: steps.Content) -> str:
    """When an invoice is issued, invite the client, then wait 3 days."""
    said = [doing.say(step, content) for step in content["steps"]]
    more = f" and {len(said) - 4} more steps" if len(said) > 4 else ""
    return f"{when(content)}: " + (", then ".join(said[:4]) + more if said else "nothing yet") + "."


def when(content: steps.Content) -> str:
    """When an invoice is issued"""
    trigger = registry.triggers().get(content["trigger"]["fact"])
    if trigger is None:
        return "When … happens"
    days = content["trigger"].get("days") or trigger.days
    return "When " + trigger.label.replace("{days}", str(days))


def said_conditions(asked: Sequence[conditions.Condition], content: steps.Content) -> list[str]:
    """Each condition as a part of a sentence."""
    offers = offers_of(registry.triggers().get(content["trigger"]["fact"]))
    return [conditions.say(one, offers) for one in asked]


def step_rows(content: steps.Content) -> list[StepRow]:
    """The steps for the editor, those of branches inside."""
    wrong: dict[str, list[str]] = {}
    for problem in checking.problems(content):
        wrong.setdefault(problem.step, []).append(problem.words)
    return _rows(content["steps"], content, wrong)


def _rows(found: list[steps.Step], content: steps.Content, wrong: Mapping[str, list[str]]) -> list[StepRow]:
    rows = []
    for position, step in enumerate(found):
        is_branch = step["do"] == steps.BRANCH
        words = doing.say(step, content)
        rows.append(
            StepRow(
                id=step["id"],
                words=words[0].upper() + words[1:],
                icon=_ICONS.get(step["do"], "check"),
                has_form=not is_branch and has_form(step),
                is_first=position == 0,
                is_last=position == len(found) - 1,
                problems=wrong.get(step["id"], []),
                conditions=said_conditions(step["settings"].get("conditions", []), content)
                if is_branch
                else [],
                arms=[
                    _arm(f"{step['id']}.{arm}", label, step[arm], content, wrong)
                    for arm, label in (("yes", "If so"), ("no", "If not"))
                ]
                if is_branch
                else [],
            )
        )
    return rows


def _arm(
    place: str, label: str, found: list[steps.Step], content: steps.Content, wrong: Mapping[str, list[str]]
) -> Arm:
    return Arm(place, label, _rows(found, content, wrong), offered_actions(place, content))


_ICONS = {
    steps.WAIT: "clock",
    steps.BRANCH: "switch",
    "people.invite": "send",
    "workflows.mail": "mail",
    "workflows.webhook": "link",
    "tasks.add": "check",
    "invoices.draft": "invoices",
    "projects.from_template": "projects",
    "entitlements.give": "lock",
    "entitlements.take": "lock",
}


def has_form(step: steps.Step) -> bool:
    """Whether there is anything to fill in."""
    try:
        return bool(doing.form_of(step).fields)
    except doing.Unfinished:
        return False


def offered_triggers() -> list[tuple[str, list[tuple[str, str]]]]:
    """What may set a workflow off, grouped by part, as a select field takes it."""
    groups = []
    for part in registry.parts():
        rows = [(one.fact, _offered(one.label)) for one in part.triggers if doing.is_in_plan(one.fact)]
        if rows:
            groups.append((_group(part), rows))
    return groups


def offered_actions(place: str, content: steps.Content) -> list[tuple[str, str]]:
    """What may come next at a place."""
    found = [("workflows.mail", "Send a mail"), (steps.WAIT, "Wait")]
    if steps.depth_of(content, place) < steps.DEEPEST:
        found.append((steps.BRANCH, "Go different ways: if … then …"))
    done = [one.key for one in registry.actions().values() if doing.is_in_plan(one.key)]
    known = {key for key, _ in found}
    others = [(key, registry.actions()[key].label) for key in done if key not in known]
    first = [row for row in others if row[0] == "people.invite"]
    return [*first, *found, *[row for row in others if row[0] != "people.invite"]]


def _offered(label: str) -> str:
    words = label.replace("{days}", "so many")
    return words[0].upper() + words[1:]


def _group(part: Module) -> str:
    return {"entitlements": "Access"}.get(part.key, part.name)


@dataclass(frozen=True)
class RunRow:
    """A run in a list."""

    run: Run
    tone: str

    @property
    def is_open(self) -> bool:
        return self.run.state in OPEN


def runs_of(workflow: Workflow, *, which: str, cursor: str | None) -> tuple[list[RunRow], str | None]:
    """One page of a workflow's runs, newest first. Raises kit.paging.BadCursor."""
    found = Run.objects.filter(workflow=workflow).select_related("client", "workflow")
    if which == "open":
        found = found.filter(state__in=UNDER_WAY)
    elif which in ("failed", "done", "stopped"):
        found = found.filter(state=which)
    page: Page[Run] = page_by_id(found, cursor=cursor, size=PAGE_SIZE)
    return [RunRow(run, TONES[RunState(run.state)]) for run in page.rows], page.next_cursor


def panel_of(client: Client, most: int = 5) -> dict[str, Any] | None:
    """A client's newest runs; None if there never was one."""
    found = Run.objects.filter(client=client).select_related("workflow").order_by("-pk")[:most]
    rows = [RunRow(run, TONES[RunState(run.state)]) for run in found]
    return {"rows": rows} if rows else None


def step_lines(run: Run) -> list[dict[str, Any]]:
    """What each step of a run did, with the one that is next at the end."""
    lines = [
        {
            "line": line,
            "tone": STEP_TONES[StepState(line.state)],
            "is_next": run.is_open and line.step == run.step,
        }
        for line in run.steps.select_related("by")
    ]
    here = steps.find(run.content, run.step) if run.is_open else None
    if here is not None and not any(row["is_next"] for row in lines):
        words = doing.say(here, run.content)
        lines.append({"line": None, "title": words, "tone": "", "is_next": True})
    return lines


def counts_of(workflow: Workflow) -> Counter[str]:
    """How many runs are in which state."""
    found = Run.objects.filter(workflow=workflow).values_list("state").annotate(n=Count("pk"))
    return Counter(dict(found))

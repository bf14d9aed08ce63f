"""The content of a workflow: JSON that staff put together and versions freeze.

    {"trigger": {"fact": "invoices.issued", "days": 7}, "once": "event",
     "conditions": [{"offer": "amount", "is": "over", "value": "500"}],
     "steps": [{"id": "a1b2c3", "do": "people.invite", "settings": {}},
               {"id": …, "do": "branch", "settings": {"conditions": […]}, "yes": [steps], "no": [steps]}]}

Settings are kept as they were typed and read again by the action's form each time.
"""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

Step = dict[str, Any]
Content = dict[str, Any]
WAIT, BRANCH = "wait", "branch"
MOST_STEPS = 40
DEEPEST = 2  # branches inside each other


def empty(fact: str = "", days: int = 0) -> Content:
    """A workflow of which nothing but perhaps the trigger is known."""
    return {"trigger": {"fact": fact, "days": days}, "once": "event", "conditions": [], "steps": []}


def new_step(do: str, settings: dict[str, Any] | None = None) -> Step:
    """A step with an id of its own."""
    step: Step = {"id": token_hex(4), "do": do, "settings": settings or {}}
    if do == BRANCH:
        step |= {"yes": [], "no": []}
    return step


def every(content: Content) -> list[Step]:
    """All steps, those in branches too, in reading order."""
    return list(_walk(content.get("steps", [])))


def find(content: Content, wanted: str) -> Step | None:
    """The step with this id."""
    return next((step for step in every(content) if step["id"] == wanted), None)


def first(content: Content) -> str:
    """The id of the first step; "" if there is none."""
    return _head(content["steps"])


def after(content: Content, wanted: str) -> str:
    """The id of the step that follows: the next one, or the one after the branch that ends here; "" at the end."""
    found = _after(content["steps"], wanted, "")
    return found or ""


def into(content: Content, branch: Step, arm: str) -> str:
    """The id of the first step of an arm ("yes", "no") of a branch; of an empty one what follows the branch."""
    return _head(branch[arm]) or after(content, branch["id"])


def list_of(content: Content, place: str) -> list[Step] | None:
    """The list of steps at a place: "root", or "<branch>.yes", "<branch>.no"; None if there is none."""
    if place == "root":
        found: list[Step] = content["steps"]
        return found
    branch_id, _, arm = place.partition(".")
    branch = find(content, branch_id)
    return branch.get(arm) if branch and arm in ("yes", "no") else None


def holder_of(content: Content, wanted: str) -> tuple[list[Step], int] | None:
    """The list in which a step stands, and where."""
    places = [
        "root",
        *(f"{s['id']}.{arm}" for s in every(content) if s["do"] == BRANCH for arm in ("yes", "no")),
    ]
    for place in places:
        rows = list_of(content, place) or []
        for position, step in enumerate(rows):
            if step["id"] == wanted:
                return rows, position
    return None


def depth_of(content: Content, place: str) -> int:
    """How many branches a place lies in."""
    return 0 if place == "root" else 1 + _depth(content["steps"], place.partition(".")[0], 0)


def _depth(rows: list[Step], branch: str, depth: int) -> int:
    for step in rows:
        if step["id"] == branch:
            return depth
        for arm in ("yes", "no"):
            found = _depth(step.get(arm, []), branch, depth + 1)
            if found >= 0:
                return found
    return -1


def _walk(rows: list[Step]) -> Iterator[Step]:
    for step in rows:
        yield step
        yield from _walk(step.get("yes", []))
        yield from _walk(step.get("no", []))


def _head(rows: list[Step]) -> str:
    return rows[0]["id"] if rows else ""


def _after(rows: list[Step], wanted: str, then: str) -> str | None:
    """None: it is not in here."""
    for position, step in enumerate(rows):
        following = _head(rows[position + 1 :]) or then
        if step["id"] == wanted:
            return following
        for arm in ("yes", "no"):
            found = _after(step.get(arm, []), wanted, following)
            if found is not None:
                return found
    return None

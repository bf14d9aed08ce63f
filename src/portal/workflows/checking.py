"""What stands in the way of switching a workflow on, in words, beside the step that it concerns."""

from dataclasses import dataclass

from kit.refused import Refused
from portal import registry
from portal.workflows import conditions, doing, steps
from portal.workflows.values import offers_of


@dataclass(frozen=True)
class Problem:
    """What is wrong; `step` is the id of the step, "" for the trigger and its conditions."""

    words: str
    step: str = ""


def problems(content: steps.Content) -> list[Problem]:
    """Everything that must be mended first; nothing: it can be switched on."""
    fact = content["trigger"]["fact"]
    trigger = registry.triggers().get(fact)
    if trigger is None or not doing.is_in_plan(fact):
        return [Problem("Choose what sets it off.")]
    found = _of_conditions(content.get("conditions", []), fact, "")
    if not content["steps"]:
        found.append(Problem("Add at least one step."))
    for step in steps.every(content):
        found += _of_step(step, content)
    return found


def _of_step(step: steps.Step, content: steps.Content) -> list[Problem]:
    fact = content["trigger"]["fact"]
    if step["do"] == steps.BRANCH:
        asked = step["settings"].get("conditions", [])
        if not asked:
            return [Problem("Say on what the branch depends.", step["id"])]
        return _of_conditions(asked, fact, step["id"])
    try:
        if step["do"] != steps.WAIT and not doing.is_in_plan(doing.action_of(step).key):
            return [Problem("Your plan does not have this step. Remove it.", step["id"])]
        doing.settings_of(step, content)
    except Refused as refused:
        return [Problem(refused.words, step["id"])]
    return []


def _of_conditions(asked: list[conditions.Condition], fact: str, step: str) -> list[Problem]:
    offers, found = offers_of(registry.triggers().get(fact)), []
    for condition in asked:
        try:
            conditions.check(condition, offers)
        except Refused as refused:
            found.append(Problem(f"{conditions.say(condition, offers)}: {refused.words}", step))
    return found

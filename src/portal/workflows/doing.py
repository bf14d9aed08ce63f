"""The steps of a workflow as objects: an action, a wait or a branch, with its settings read."""

from collections.abc import Mapping
from typing import Any

from django import forms

from kit.refused import Refused
from portal import registry
from portal.module import Act, Action, Happening
from portal.people.models import Client
from portal.placeholders import WordsField, readable, what_is_wrong
from portal.workflows import conditions
from portal.workflows.steps import BRANCH, WAIT, Content, Step
from portal.workflows.values import LINK, offers_of, placeholders_of, raw_values, shown_values
from portal.workflows.waiting import WaitForm, say_wait
from tenants.agencies.current import current_agency


class Unfinished(Refused):
    """A step whose settings are missing, or name something that is gone."""


def action_of(step: Step) -> Action:
    """What the step does. Raises Unfinished: no part offers it (any more)."""
    action = registry.actions().get(step["do"])
    if action is None:
        raise Unfinished("This step does something that does not exist any more. Remove it.")
    return action


def form_of(step: Step, *, sent: Any = None) -> forms.Form:
    """The step's settings as a form, bound to what was typed (`sent`, else what is kept)."""
    kind = WaitForm if step["do"] == WAIT else action_of(step).form
    return kind(sent if sent is not None else step["settings"])


def settings_of(step: Step, content: Content) -> Mapping[str, Any]:
    """What the step's form makes of what is kept.

    Raises:
        Unfinished: something is missing, gone, or a placeholder that the trigger does not offer.
    """
    form = form_of(step)
    check_words(form, content)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise Unfinished(f"{label}: {errors[0]}" if label else str(errors[0]), field=name)
    return form.cleaned_data


def check_words(form: forms.Form, content: Content) -> None:
    """Refuse placeholders that the workflow's trigger does not offer, at their fields."""
    trigger = registry.triggers().get(content["trigger"]["fact"])
    for name, field in form.fields.items():
        if isinstance(field, WordsField):
            known = [*placeholders_of(trigger), *([LINK] if getattr(field, "takes_link", False) else [])]
            wrong = what_is_wrong(str(form.data.get(name) or ""), known)
            if wrong:
                form.add_error(name, wrong)


def say(step: Step, content: Content) -> str:
    """The step as a sentence, without its end: "invite the client". Never raises."""
    trigger = registry.triggers().get(content["trigger"]["fact"])
    try:
        if step["do"] == BRANCH:
            asked = [
                conditions.say(one, offers_of(trigger)) for one in step["settings"].get("conditions", [])
            ]
            return "if " + (" and ".join(asked) or "…")
        settings = settings_of(step, content)
        return readable(say_wait(settings) if step["do"] == WAIT else action_of(step).say(settings))
    except Unfinished:
        return _name(step)


def _name(step: Step) -> str:
    action = registry.actions().get(step["do"])
    word = "wait" if step["do"] == WAIT else action.label if action else "something that is gone"
    return word[0].lower() + word[1:] + " …"


def act_for(
    client: Client, happening: Happening, *, key: str, occasion: str, workflow: str, content: Content
) -> Act:
    """What an action of this workflow is given."""
    trigger = registry.triggers().get(content["trigger"]["fact"])
    values = shown_values(raw_values(client, happening), offers_of(trigger))
    return Act(
        client=client,
        happening=happening,
        key=key,
        occasion=occasion,
        workflow=workflow,
        values=values,
    )


def is_in_plan(name: str) -> bool:
    """Whether the agency's plan has the part that declares this trigger or action."""
    part = registry.owner_of(name)
    action = registry.actions().get(name)
    agency = current_agency()
    if part is None or agency.plan < part.plan:
        return False
    return action is None or not action.capability or agency.has(action.capability)

"""What a workflow would do: for one client, and over what happened already. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import NotValid, Refused
from portal import registry
from portal.module import Happening, Past, Trigger
from portal.people.models import Client, Staff
from portal.workflows import conditions, doing, starting, steps, waiting
from portal.workflows.editing import freeze_for_test
from portal.workflows.models import Run, Workflow
from portal.workflows.values import offers_of, raw_values

LOOK_BACK = timedelta(days=90)
MOST_EVENTS = 300


@dataclass(frozen=True)
class Foreseen:
    """One line of a test: a step, and what it would come to."""

    title: str
    words: str
    is_fine: bool = True


@dataclass(frozen=True)
class Fired:
    """An event of the past for which a run would have begun."""

    at: datetime
    title: str
    client: Client
    ids: dict[str, Any]


@dataclass(frozen=True)
class DryRun:
    """What would have happened. `is_known`: whether anybody keeps these events."""

    fired: list[Fired]
    looked_at: int
    since: datetime
    is_known: bool = True
    is_cut: bool = False


def dry_run(content: steps.Content) -> DryRun:
    """For whom the workflow would have begun in the last 90 days, as things stand now; newest first."""
    since = clock.now() - LOOK_BACK
    trigger = registry.triggers().get(content["trigger"]["fact"])
    if trigger is None or trigger.past is None:
        return DryRun([], 0, since, is_known=False)
    events = list(islice(_past(trigger, content, since), MOST_EVENTS + 1))
    fired: list[Fired] = []
    seen: set[str] = set()
    # "Once" counts from the first event on: the oldest one is the one that would have fired.
    for past in reversed(events[:MOST_EVENTS]):
        happening = trigger.read(**past.ids)
        for client in happening.clients if happening else ():
            assert happening is not None
            key = starting.key_of(content, client, happening, starting.event_of(past.ids))
            if key not in seen and starting.is_meant(content, client, happening):
                seen.add(key)
                fired.append(Fired(past.at, happening.title, client, dict(past.ids)))
    return DryRun(fired[::-1], min(len(events), MOST_EVENTS), since, is_cut=len(events) > MOST_EVENTS)


def events_of(content: steps.Content, client: Client) -> list[tuple[Past, Happening]]:
    """The newest events that concern a client, for trying the workflow on one of them."""
    trigger = registry.triggers().get(content["trigger"]["fact"])
    if trigger is None or trigger.past is None:
        return []
    found = []
    for past in islice(_past(trigger, content, clock.now() - LOOK_BACK), MOST_EVENTS):
        happening = trigger.read(**past.ids)
        if happening is not None and client.pk in {one.pk for one in happening.clients}:
            found.append((past, happening))
        if len(found) == 5:
            break
    return found


def test_on(content: steps.Content, client: Client, happening: Happening, name: str) -> list[Foreseen]:
    """What each step would come to for a client now."""
    values = raw_values(client, happening)
    offers = offers_of(registry.triggers().get(content["trigger"]["fact"]))
    lines = []
    for condition in content.get("conditions", []):
        try:
            is_so = conditions.holds(condition, values, offers)
        except Refused as refused:
            lines.append(Foreseen(conditions.say(condition, offers), refused.words, is_fine=False))
            continue
        words = "It is so." if is_so else f"It is not so: nothing would begin for {client}."
        lines.append(Foreseen("Only if " + conditions.say(condition, offers), words, is_fine=is_so))
    if all(line.is_fine for line in lines):
        lines += list(_walk(content, client, happening, name))
    return lines


def begin_test(workflow: Workflow, *, ids: dict[str, Any], by: Staff) -> Run:
    """Really do it, for the example client: mails go to its address, what is made is made for it.

    Raises:
        NotValid: there is no example client, the draft has problems, or the event is gone.
    """
    example = Client.objects.with_access().filter(is_example=True).order_by("pk").first()
    if example is None:
        raise NotValid("There is no example client any more.")
    with transaction.atomic():
        version = freeze_for_test(workflow, by=by)
        fact = version.content["trigger"]["fact"]
        happening = registry.triggers()[fact].read(**ids)
        if happening is None:
            raise NotValid("This event is gone. Choose another one.")
        run = Run.objects.create(
            workflow=workflow,
            version=version,
            client=example,
            key=f"test:{clock.now().isoformat()}",
            fact=fact,
            ids=ids,
            about=happening.about,
            title=happening.title[:200],
            is_test=True,
            step=steps.first(version.content),
            due_at=clock.now(),
        )
        starting.enqueue(run)
    return run


def _past(trigger: Trigger, content: steps.Content, since: datetime) -> Iterator[Past]:
    assert trigger.past is not None
    if trigger.due is None:
        return iter(trigger.past(since))
    return iter(trigger.past(since, int(content["trigger"].get("days") or trigger.days)))


def _walk(content: steps.Content, client: Client, happening: Happening, name: str) -> Iterator[Foreseen]:
    act = doing.act_for(client, happening, key="test", occasion="test", workflow=name, content=content)
    step_id = steps.first(content)
    while step_id:
        step = steps.find(content, step_id)
        assert step is not None
        said = doing.say(step, content)
        title = said[0].upper() + said[1:]
        step_id = steps.after(content, step["id"])
        try:
            if step["do"] == steps.BRANCH:
                offers = offers_of(registry.triggers().get(content["trigger"]["fact"]))
                asked = step["settings"].get("conditions", [])
                is_so = conditions.all_hold(asked, raw_values(client, happening), offers)
                yield Foreseen(title, "It is so now." if is_so else "It is not so now.")
                step_id = steps.into(content, step, "yes" if is_so else "no")
            elif step["do"] == steps.WAIT:
                settings = doing.settings_of(step, content)
                ends = waiting.ends_at(settings).astimezone(_zone())
                yield Foreseen(title, f"It would go on {ends:%-d %B %Y, %H:%M} at the latest.")
            else:
                action, settings = doing.action_of(step), doing.settings_of(step, content)
                words = action.foresee(act, settings) if action.foresee else "It would do this."
                yield Foreseen(title, words)
        except Refused as refused:
            yield Foreseen(title, refused.words, is_fine=False)
            return


def _zone() -> Any:
    from tenants.agencies.current import current_agency

    return current_agency().tzinfo

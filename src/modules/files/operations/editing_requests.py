"""A request that was sent is changed; whoever was asked is told of what is new to do, and of nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max

from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.files import emails
from modules.files.models import FileRequest, HandIn, RequestItem
from modules.files.operations.checks import LONGEST_TEXT, last_day
from modules.files.operations.requesting import MOST_ITEMS, Wanted, checked_item
from modules.files.queries import people
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff

Value = TypeVar("Value")
SENT = "Something was sent for “{}”, so it stays on the list as it is."


class Meanwhile(WrongState):
    """A colleague changed the same thing in between."""


@dataclass(frozen=True)
class Asked:
    """What a request says: `items` by their ids."""

    title: str
    words: str
    due_on: date | None
    items: Mapping[int, Wanted]


def as_asked(request: FileRequest) -> Asked:
    """The request as it is now, to be shown and given back changed."""
    items = {item.pk: _line(item) for item in request.items.all()}
    return Asked(request.title, _even(request.note), request.due_on, items)


@transaction.atomic
def edit_request(
    request: FileRequest,
    wanted: Asked,
    *,
    by: Staff | None,
    added: Sequence[Wanted] = (),
    seen: Asked | None = None,
    trail: Trail | None = None,
) -> list[Client]:
    """Change a request as far as nothing was sent; who is mailed: those asked, if something new is to do.

    Only what differs between `seen` and `wanted` is changed, so colleagues who edit at once keep their changes.

    Args:
        wanted: what it is to be; an item of `seen` that is missing here is taken off the list.
        added: more lines for the list.
        seen: the request as the editor saw it; None: as it is.

    Raises:
        NotValid: a value is refused, an empty list, a day that is over; `field` says which.
        WrongState: the request is closed, or something was sent for an item that is to change or go.
        Meanwhile: a colleague changed the same thing to something else.
    """
    held: FileRequest = FileRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if held.closed_at is not None:
        raise WrongState("This request is closed. Open it again first.")
    # Held before they are read: a client may be sending.
    items = {item.pk: item for item in held.items.select_for_update(of=("self",)).order_by("pk")}
    now = as_asked(held)
    was_met, seen = _is_met(held), seen or now
    change = _set_words(held, wanted, seen, now) | _set_items(items, wanted, seen)
    more = _add(held, added)
    _check_number(held)
    if not change and not more:
        return []
    held.save(update_fields=["title", "note", "due_on"])
    change |= {f"item {item.pk}": [None, _words_of(item)] for item in more}
    record("files.request_edited", held, by=by, summary=f"Changed {held}", change=change, **(trail or {}))
    if not was_met and _is_met(held):
        publish("files.request_met", request_id=held.pk)
    return _tell(held, more, held.due_on if held.due_on != now.due_on else None)


def _set_words(held: FileRequest, wanted: Asked, seen: Asked, now: Asked) -> dict[str, Any]:
    title = text_of(wanted.title, field="title", demand="Say in a few words what you need.", longest=160)
    words = text_of(_even(wanted.words), field="words", longest=LONGEST_TEXT)
    held.title = _chosen(title, seen.title, now.title, field="title")
    held.note = _chosen(words, seen.words, now.words, field="words")
    held.due_on = _chosen(wanted.due_on, seen.due_on, now.due_on, field="due_on")
    if held.due_on != now.due_on:
        last_day(held.due_on, field="due_on")
    pairs = {
        "title": (now.title, held.title),
        "note": (now.words, held.note),
        "due_on": (_plain(now.due_on), _plain(held.due_on)),
    }
    return {name: [before, after] for name, (before, after) in pairs.items() if before != after}


def _set_items(items: Mapping[int, RequestItem], wanted: Asked, seen: Asked) -> dict[str, Any]:
    """Change and take off lines; field → [before, after], None where there was or is none."""
    sent = set(HandIn.objects.filter(item__in=items).values_list("item_id", flat=True))
    change: dict[str, Any] = {}
    for pk, shown in seen.items.items():
        field = f"name-{pk}"
        mine = checked_item(wanted.items[pk], field=field) if pk in wanted.items else None
        if mine == shown:
            continue
        item = items.get(pk)
        now = _line(item) if item else None
        if mine == now:
            continue
        if pk in sent:
            # Above the form: the page has no fields for it any more.
            raise WrongState(SENT.format(item))
        after = _chosen(mine, shown, now, field=field if item else "")
        if item is None:
            continue
        before = _words_of(item)
        if after is None:
            item.delete()
        else:
            item.name, item.formats, item.most_bytes = after.name, list(after.formats), after.most_bytes
            item.save(update_fields=["name", "formats", "most_bytes"])
        change[f"item {pk}"] = [before, _words_of(item) if after else None]
    return change


def _add(held: FileRequest, added: Sequence[Wanted]) -> list[RequestItem]:
    there = {item.name.casefold() for item in held.items.all()}
    last = held.items.aggregate(last=Max("position"))["last"]
    place = 0 if last is None else last + 1
    made: list[RequestItem] = []
    for one in map(checked_item, added):
        # Also what a form asks for that is sent twice.
        if one.name.casefold() in there:
            raise NotValid(f"“{one.name}” is on the list already.", field="items")
        there.add(one.name.casefold())
        made.append(
            RequestItem(
                request=held,
                name=one.name,
                formats=list(one.formats),
                most_bytes=one.most_bytes,
                position=place + len(made),
            )
        )
    return RequestItem.objects.bulk_create(made)


def _check_number(held: FileRequest) -> None:
    number = held.items.count()
    if not number:
        raise NotValid("Leave at least one thing on the list, or close the request.", field="items")
    if number > MOST_ITEMS:
        raise NotValid(f"Ask for at most {MOST_ITEMS} things at once.", field="items")


def _tell(held: FileRequest, more: Sequence[RequestItem], new_day: date | None) -> list[Client]:
    if not (more or new_day) or not held.items.wanted().exists():
        return []
    told = people.asked(held)
    emails.tell_changed(held, [item.name for item in more], new_day, told)
    return told


def _chosen(mine: Value, seen: Value, now: Value, *, field: str) -> Value:
    """What it is to be: mine where I changed it, else what it is now.

    Raises:
        Meanwhile: both of us changed it.
    """
    if mine in (seen, now):
        return now
    if now != seen:
        raise Meanwhile(_now_it_says(seen, now), field=field)
    return mine


def _now_it_says(seen: object, now: object) -> str:
    name = f"“{seen.name}”" if isinstance(seen, Wanted) else "this"
    if isinstance(now, Wanted):
        said = _words_of(RequestItem(name=now.name, formats=list(now.formats), most_bytes=now.most_bytes))
    elif now is None and isinstance(seen, Wanted):
        return f"A colleague took {name} off the list meanwhile. Add it again if it is wanted."
    else:
        said = str(now or "nothing")
    return f"A colleague changed {name} meanwhile; it says: {said}. Save again to have it your way."


def _is_met(held: FileRequest) -> bool:
    return not FileRequest.objects.open().filter(pk=held.pk).exists()


def _line(item: RequestItem) -> Wanted:
    return Wanted(item.name, tuple(item.formats), item.most_bytes)


def _words_of(item: RequestItem) -> str:
    return f"{item.name}: {item.demand}"


def _even(words: str) -> str:
    # Browsers send line ends their own way.
    return words.replace("\r\n", "\n")


def _plain(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""Lists with cursors and filters, and `expand`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from infra.stripe_simulator.errors import missing, refused
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, list_of

PAGE, LARGEST_PAGE = 10, 100
CURSORS = "limit starting_after ending_before created"
RANGES: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def listed(found: list[Object], params: Object, url: str, equal: tuple[str, ...] = ()) -> Object:
    """One page of objects, newest first, after the filters; `equal` names fields that are compared."""
    for name in equal:
        if name in params:
            found = [one for one in found if _identity(one[name]) == params[name]]
    if "created" in params:
        found = [one for one in found if _created_in(one["created"], params["created"])]
    return _page(found, params, url)


def _page(found: list[Object], params: Object, url: str) -> Object:
    limit = params.get("limit", PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise refused("This value must be between 1 and 100.", "parameter_invalid_integer", "limit")
    if "starting_after" in params:
        found = found[_place(found, params, "starting_after") + 1 :]
    if "ending_before" in params:
        before = found[: _place(found, params, "ending_before")]
        return list_of(copy.deepcopy(before[-limit:]), url, more=len(before) > limit)
    return list_of(copy.deepcopy(found[:limit]), url, more=len(found) > limit)


def _place(found: list[Object], params: Object, cursor: str) -> int:
    for place, one in enumerate(found):
        if one["id"] == params[cursor]:
            return place
    raise missing("object", params[cursor], cursor)


def _created_in(created: int, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return all(RANGES[name](created, bound) for name, bound in wanted.items())
    return bool(created == wanted)


def _identity(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) and "id" in value else value


# What Stripe leaves out unless it is asked to expand it: (object, field) → how it is made.
INCLUDED: dict[tuple[str, str], Callable[[Merchant, Object], Any]] = {}


def readable(kind: str, path: str, *filters: str, lists: bool = True) -> None:
    """Registers the two ways to read objects of that kind."""

    @route("GET", f"/v1/{path}/{{identifier}}")
    def read(merchant: Merchant, params: Object, identifier: str) -> Object:
        return merchant.get(kind, identifier)

    if lists:

        @route("GET", f"/v1/{path}", f"{CURSORS} {' '.join(filters)}")
        def listing(merchant: Merchant, params: Object) -> Object:
            return listed(merchant.all(kind), params, f"/v1/{path}", filters)


def expanded(merchant: Merchant, thing: Object, paths: list[str]) -> Object:
    """The object (a copy already) with the named identifiers replaced by what they stand for."""
    for path in paths:
        here, depth = [thing], path.split(".")
        for part in depth:
            here = [each for one in here for each in _step(merchant, one, part, path)]
    return thing


def _step(merchant: Merchant, thing: Object, part: str, path: str) -> list[Object]:
    if show := INCLUDED.get((str(thing.get("object")), part)):
        thing[part] = show(merchant, thing)
    if part not in thing:
        raise refused(f"This property cannot be expanded ({path}).", "property_not_expandable", "expand")
    value = thing[part]
    if isinstance(value, str):
        value = thing[part] = copy.deepcopy(_anything(merchant, value)) or value
    if isinstance(value, list):
        found = [
            copy.deepcopy(_anything(merchant, one)) or one if isinstance(one, str) else one for one in value
        ]
        thing[part] = found
        return [each for each in found if isinstance(each, dict)]
    return [value] if isinstance(value, dict) else []


def _anything(merchant: Merchant, identifier: str) -> Object | None:
    for objects in merchant.store.values():
        if identifier in objects:
            return objects[identifier]
    return None

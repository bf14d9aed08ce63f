"""Complete, empty objects from the wheel's classes, so that the simulator sends every field that Stripe sends."""

from __future__ import annotations

import copy
import functools
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from stripe._list_object import ListObject
from stripe._stripe_object import UntypedStripeObject

from infra.stripe_simulator.judge import wheel
from infra.stripe_simulator.judge.fitting import UNIONS

Object = dict[str, Any]
_EMPTY: dict[Any, Any] = {bool: False, int: 0, float: 0, Decimal: "0", str: ""}


def blank(name: str, /, **values: Any) -> Object:
    """A new object of that name with these values; ValueError for a field that Stripe does not have."""
    resource = wheel.object_class(name)
    if resource is None:
        raise ValueError(f"Stripe has no object {name!r}")
    return _filled(resource, values) | {"object": name}


def blank_part(name: str, /, *path: str, **values: Any) -> Object:
    """A part of an object by the names of its classes, as blank_part("payment_method", "Card")."""
    part: Any = wheel.object_class(name)
    for step in path:
        part = getattr(part, step)
    return _filled(part, values)


def _filled(resource: Any, values: Object) -> Object:
    made = copy.deepcopy(_pattern(resource))
    if unknown := values.keys() - wheel.fields(resource).keys():
        raise ValueError(f"Stripe's {resource.__name__} has no field {', '.join(sorted(unknown))}")
    return made | values


@functools.cache
def _pattern(resource: Any) -> Object:
    names = wheel.names_in(resource)
    return {
        key: _empty(kind, names)
        for key, kind in wheel.fields(resource).items()
        if key != "deleted" and not _only_when_asked(kind)
    }


def _only_when_asked(kind: Any) -> bool:
    # Maps of objects (currency_options) are sent only when expanded; the client cannot read null in their place.
    maps = [each for each in get_args(kind) if get_origin(each) is UntypedStripeObject]
    return type(None) in get_args(kind) and any(get_args(each) != (str,) for each in maps)


def _empty(kind: Any, names: wheel.Names) -> Any:
    kind = wheel.resolved(kind, names)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in UNIONS:
        return _of_union([wheel.resolved(each, names) for each in inner], names)
    if origin is Literal:
        return inner[0]
    if kind in _EMPTY:
        return _EMPTY[kind]
    if origin is list:
        return []
    if (origin or kind) is ListObject:
        return {"object": "list", "data": [], "has_more": False, "url": ""}
    if origin is dict or (origin or kind) is UntypedStripeObject:
        return {}
    return copy.deepcopy(_pattern(kind)) if isinstance(kind, type) else None


def _of_union(kinds: list[Any], names: wheel.Names) -> Any:
    if type(None) in kinds:
        return None
    closed = next((kind for kind in kinds if get_origin(kind) is Literal), None)
    if closed is not None:
        return get_args(closed)[0]
    return "" if str in kinds else _empty(kinds[0], names)

"""Updates: which fields a request may set, and how metadata is merged."""

from __future__ import annotations

import copy

from infra.stripe_simulator.world import Object, merged


def change(thing: Object, params: Object) -> Object:
    """Sets the given fields on the object, merges metadata; returns what they were before."""
    before: Object = {}
    for name, value in params.items():
        old = copy.deepcopy(thing.get(name))
        new = merged(old, value) if name == "metadata" else (None if value == "" else value)
        if new != old:
            before[name], thing[name] = old, new
    return before


def picked(params: Object, *names: str) -> Object:
    """Those of the params that were given."""
    return {name: params[name] for name in names if name in params}

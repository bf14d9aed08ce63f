"""Which function answers which request, and which parameters it takes heed of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from infra.stripe_simulator.errors import not_implemented
from infra.stripe_simulator.world import Merchant, Object

Answer = Callable[..., Object]


class Route(NamedTuple):
    """One endpoint; `takes` holds names and names of parts (payment_intent_data.metadata)."""

    verb: str
    path: re.Pattern[str]
    takes: frozenset[str]
    answer: Answer


ROUTES: list[Route] = []


def route(verb: str, path: str, takes: str = "") -> Callable[[Answer], Answer]:
    """Registers a function (merchant, params, **placeholders). Parameters not in `takes` are answered with 501."""

    def register(answer: Answer) -> Answer:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")
        ROUTES.append(Route(verb, pattern, frozenset(takes.split()), answer))
        # Literal segments win over placeholders.
        ROUTES.sort(key=lambda one: one.path.pattern.count("(?P<"))
        return answer

    return register


def answer(merchant: Merchant, verb: str, path: str, params: Object) -> Object:
    """What the simulator says to a request that the judge has passed."""
    for one in ROUTES:
        found = one.path.match(path) if one.verb == verb else None
        if found:
            _refuse_unheeded(one, f"{verb} {path}", params)
            return one.answer(merchant, params, **found.groupdict())
    raise not_implemented(f"{verb} {path}")


def _refuse_unheeded(one: Route, request: str, params: Object) -> None:
    for name, value in params.items():
        if name in one.takes:
            continue
        parts: list[Any] = list(value) if isinstance(value, dict) and value else [""]
        for part in parts:
            if f"{name}.{part}" not in one.takes:
                where = f"{name}[{part}]" if part else name
                raise not_implemented(f"the parameter {where} of {request}")

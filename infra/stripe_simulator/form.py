"""Stripe's form encoding: `line_items[0][price]=…` back into lists and maps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

PART = re.compile(r"[^\[\]]+|\[\]")


def decoded(text: str) -> dict[str, Any]:
    """A body or a query; every scalar stays text."""
    return nested(parse_qsl(text, keep_blank_values=True))


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Names with brackets as maps; maps whose keys are all numbers as lists."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = PART.findall(name) or [name]
        here = root
        for part in path:
            here = here.setdefault(part if part != "[]" else str(len(here)), {})
            if not isinstance(here, dict):
                break
        else:
            here[last if last != "[]" else str(len(here))] = value
    return {key: _lists(value) for key, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {key: _lists(each) for key, each in value.items()}
    if found and all(key.isdecimal() for key in found):
        return [found[key] for key in sorted(found, key=int)]
    return found

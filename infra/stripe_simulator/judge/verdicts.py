"""The two questions that are asked of the wheel: does Stripe take this request, does Stripe send this object."""

from __future__ import annotations

import importlib
from typing import Any

from infra.stripe_simulator.judge import wheel
from infra.stripe_simulator.judge.fitting import Finding, Fitting

Object = dict[str, Any]


def judge_request(verb: str, path: str, params: Object, *, form: bool) -> tuple[Object, list[Finding]]:
    """The params in their own types, and what Stripe would not take. The endpoint has to exist."""
    endpoint = wheel.endpoint_of(verb, path)
    assert endpoint is not None, f"{verb} {path}"
    given = {key: value for key, value in params.items() if key != "expand"}
    if endpoint.params is None:
        return {}, [Finding("unknown", key, "is no parameter that Stripe knows") for key in given]
    module, name = endpoint.params
    fitting = Fitting(form=form)
    found = fitting.params(given, getattr(importlib.import_module(module), name), "")
    return found, fitting.findings


def judge_object(thing: Object) -> list[Finding]:
    """What Stripe would never send about this object, a list of objects, or an error."""
    if "error" in thing:
        return []
    name = str(thing.get("object", ""))
    # Lists of v2 say nothing of themselves.
    if name in ("list", "search_result") or (not name and "data" in thing):
        return [finding for each in thing["data"] for finding in judge_object(each)]
    if thing.get("deleted"):
        return []
    resource = wheel.object_class(name)
    if resource is None:
        return [Finding("unknown", "object", f"Stripe has no object {name!r}")]
    fitting = Fitting()
    fitting.resource(thing, resource, name)
    if thing.get("object") != name:
        fitting.findings.append(Finding("invalid", "object", f"must be {name}"))
    return fitting.findings

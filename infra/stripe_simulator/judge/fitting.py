"""Fits a value to an annotation of the wheel: says what does not fit, and gives form fields their types back."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import typing_extensions
from stripe._list_object import ListObject
from stripe._stripe_object import StripeObject, UntypedStripeObject

from infra.stripe_simulator.judge import wheel

# What the client itself takes out of the params before it sends them.
CLIENT_OPTIONS = {
    "api_key", "stripe_version", "stripe_account", "stripe_context",
    "max_network_retries", "idempotency_key", "content_type", "headers",
}  # fmt: skip
WHOLE = re.compile(r"-?\d+\Z")
NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
UNIONS = (Union, types.UnionType)


class Finding(NamedTuple):
    """One thing that does not fit; `kind` is unknown, missing or invalid; `path` as in a.b[0]."""

    kind: Literal["unknown", "missing", "invalid"]
    path: str
    words: str


class Fitting:
    """One comparison. `form`: numbers and booleans arrive as text, as they do in a form."""

    def __init__(self, *, form: bool = False) -> None:
        self.form = form
        self.findings: list[Finding] = []

    def fit(self, value: Any, kind: Any, names: wheel.Names, path: str) -> Any:
        """The value in its own type; what is wrong with it goes to `findings`."""
        kind = wheel.resolved(kind, names)
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (typing_extensions.NotRequired, typing_extensions.Required):
            return self.fit(value, inner[0], names, path)
        if origin in UNIONS:
            return self._one_of(value, [wheel.resolved(each, names) for each in inner], names, path)
        if origin is Literal:
            return self._literal(value, inner, path)
        if kind in _SCALARS:
            return self._scalar(value, kind, path)
        if isinstance(kind, type) and typing_extensions.is_typeddict(kind):
            return self.params(value, kind, path)
        return self._whole(value, origin or kind, inner, names, path)

    def _whole(self, value: Any, kind: Any, inner: tuple[Any, ...], names: wheel.Names, path: str) -> Any:
        if kind is list:
            return self._list(value, inner[0], names, path)
        if kind is dict:
            return self._map(value, inner[1], names, path)
        if kind is ListObject:
            return self._list_object(value, inner, names, path)
        if kind is UntypedStripeObject:
            return value if isinstance(value, dict) else self._wrong(path, "a map", value)
        if isinstance(kind, type) and issubclass(kind, StripeObject):
            return self.resource(value, kind, path)
        return value

    def _one_of(self, value: Any, kinds: list[Any], names: wheel.Names, path: str) -> Any:
        if any(get_origin(kind) is Literal and get_args(kind) != ("",) for kind in kinds):
            # Stripe leaves its enums open (`Literal[…] | str`); what it does not list is wrong here.
            kinds = [kind for kind in kinds if kind is not str]
        if value is None and type(None) in kinds:
            return None
        tries: list[list[Finding]] = []
        for kind in (kind for kind in kinds if kind is not type(None)):
            attempt = Fitting(form=self.form)
            found = attempt.fit(value, kind, names, path)
            if not attempt.findings:
                return found
            tries.append(attempt.findings)
        # Of the alternatives the one that was understood best says what is wrong.
        self.findings += max(tries, key=lambda each: max(_depth(one.path) for one in each))
        return value

    def _literal(self, value: Any, allowed: tuple[Any, ...], path: str) -> Any:
        found = value
        if self.form and value in ("true", "false") and value not in allowed:
            found = value == "true"
        if found in allowed:
            return found
        listed = ", ".join(str(each) for each in allowed[:12])
        self.findings.append(Finding("invalid", path, f"must be one of {listed}, not {value!r}"))
        return value

    def _scalar(self, value: Any, kind: Any, path: str) -> Any:
        name, accepts, convert = _SCALARS[kind]
        if accepts(value, self.form):
            return convert(value) if self.form else value
        return self._wrong(path, name, value)

    def _list(self, value: Any, inner: Any, names: wheel.Names, path: str) -> Any:
        if not isinstance(value, list):
            return self._wrong(path, "a list", value)
        return [self.fit(each, inner, names, f"{path}[{place}]") for place, each in enumerate(value)]

    def _map(self, value: Any, inner: Any, names: wheel.Names, path: str) -> Any:
        if not isinstance(value, dict):
            return self._wrong(path, "a map", value)
        return {key: self.fit(each, inner, names, f"{path}.{key}") for key, each in value.items()}

    def _list_object(self, value: Any, inner: tuple[Any, ...], names: wheel.Names, path: str) -> Any:
        if not isinstance(value, dict) or value.get("object") != "list":
            return self._wrong(path, "a list object", value)
        self._list(value.get("data"), inner[0] if inner else typing.Any, names, f"{path}.data")
        return value

    def params(self, value: Any, kind: type, path: str) -> Any:
        """Fits a map to a request type; `expand` may always come along."""
        if not isinstance(value, dict):
            return self._wrong(path, "a map", value)
        keys, names, found = wheel.keys_of(kind), wheel.module_names(kind.__module__), {}
        for key, each in value.items():
            where = f"{path}.{key}" if path else key
            if key not in keys or (not path and key in CLIENT_OPTIONS):
                self.findings.append(Finding("unknown", where, "is no parameter that Stripe knows"))
            else:
                found[key] = self.fit(each, keys[key], names, where)
        for key, each in keys.items():
            if _is_required(each) and key not in value:
                where = f"{path}.{key}" if path else key
                self.findings.append(Finding("missing", where, "is required"))
        return found

    def resource(self, value: Any, kind: Any, path: str) -> Any:
        """Fits an object to a resource class: no field that Stripe lacks, none missing that it always sends."""
        if not isinstance(value, dict):
            return self._wrong(path, f"an object {kind.__name__}", value)
        names, known = wheel.names_in(kind), wheel.fields(kind)
        if value.get("deleted") and "deleted" in known:
            return value
        for key, each in value.items():
            if key in known:
                self.fit(each, known[key], names, f"{path}.{key}")
            elif key != "object":
                self.findings.append(Finding("unknown", f"{path}.{key}", "is no field that Stripe has"))
        for key, each in known.items():
            if key not in value and not _may_be_absent(key, each):
                self.findings.append(Finding("missing", f"{path}.{key}", "is always sent by Stripe"))
        return value

    def _wrong(self, path: str, wanted: str, value: Any) -> Any:
        self.findings.append(Finding("invalid", path, f"must be {wanted}, not {value!r}"))
        return value


def _is_required(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is not typing_extensions.NotRequired


def _may_be_absent(key: str, kind: Any) -> bool:
    optional = get_origin(kind) in UNIONS and type(None) in get_args(kind)
    return optional or key == "deleted" or get_origin(kind) is ListObject


def _depth(path: str) -> int:
    return path.count(".") + path.count("[")


def _is_text(value: Any, form: bool) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any, form: bool) -> bool:
    if form and isinstance(value, str):
        return WHOLE.match(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any, form: bool) -> bool:
    if isinstance(value, str):
        return NUMBER.match(value) is not None
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_flag(value: Any, form: bool) -> bool:
    return isinstance(value, bool) or (form and value in ("true", "false"))


_SCALARS: dict[Any, tuple[str, Callable[[Any, bool], bool], Callable[[Any], Any]]] = {
    str: ("text", _is_text, str),
    int: ("a whole number", _is_whole, int),
    float: ("a number", _is_number, float),
    Decimal: ("a number", _is_number, str),
    bool: ("true or false", _is_flag, lambda value: value in (True, "true")),
}

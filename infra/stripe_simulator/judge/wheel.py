"""What the wheel says: its endpoints, its resource classes, the annotations of both."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import stripe
from stripe._object_classes import OBJECT_CLASSES, V2_OBJECT_CLASSES
from stripe._stripe_object import StripeObject

API_VERSION: str = stripe.api_version
ROOT = Path(stripe.__file__).parent
Names = dict[str, Any]


class Endpoint(NamedTuple):
    """One method of the API; `params` is where its request type is, (module, class)."""

    verb: str
    template: str
    path: re.Pattern[str]
    params: tuple[str, str] | None


@functools.cache
def endpoints() -> list[Endpoint]:
    """All of them, those with fewer placeholders first: a literal segment wins over one that takes anything."""
    found = [one for path in sorted(ROOT.rglob("*_service.py")) for one in _in_file(path)]
    return sorted(found, key=lambda one: (one.template.count("{"), -len(one.template)))


@functools.cache
def endpoint_of(verb: str, path: str) -> Endpoint | None:
    """The endpoint that such a request is for."""
    return next((one for one in endpoints() if one.verb == verb and one.path.match(path)), None)


def _in_file(path: Path) -> Iterator[Endpoint]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.asname or name.name: (node.module, name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (asked := _request_in(node)):
            verb, template = asked
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", template) + r"\Z")
            yield Endpoint(verb, template, pattern, _params_of(node, imported))


def _request_in(function: ast.FunctionDef) -> tuple[str, str] | None:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in ("_request", "_request_stream") or len(node.args) < 2:
            continue
        verb, path = node.args[:2]
        if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
            path = path.func.value  # "/v1/things/{id}".format(…)
        if isinstance(verb, ast.Constant) and isinstance(path, ast.Constant):
            return str(verb.value).upper(), str(path.value)
    return None


def _params_of(function: ast.FunctionDef, imported: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            name = re.search(r"\w+Params", ast.unparse(argument.annotation))
            return imported.get(name[0]) if name else None
    return None


@functools.cache
def object_class(name: str) -> type[StripeObject] | None:
    """The resource class of `"object": name`."""
    where = OBJECT_CLASSES.get(name) or V2_OBJECT_CLASSES.get(name)
    if where is None:
        return None
    found: type[StripeObject] = getattr(importlib.import_module(where[0]), where[1])
    return found


@functools.cache
def module_names(module: str) -> Names:
    """What annotations in that module may name, also what it imports for type checkers only."""
    loaded = importlib.import_module(module)
    names = dict(vars(loaded))
    tree = ast.parse(Path(str(loaded.__file__)).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for imported in node.body:
                if isinstance(imported, ast.ImportFrom) and imported.module:
                    source = importlib.import_module(imported.module)
                    names |= {each.asname or each.name: getattr(source, each.name) for each in imported.names}
    return names


@functools.cache
def names_in(owner: Any) -> Names:
    """What annotations in that class may name: the module's names and the classes inside it."""
    names = dict(module_names(owner.__module__))
    scope: Any = sys.modules[owner.__module__]
    for part in owner.__qualname__.split("."):
        scope = getattr(scope, part)
        names |= {name: inner for name, inner in vars(scope).items() if isinstance(inner, type)}
    return names


@functools.cache
def fields(resource: Any) -> dict[str, Any]:
    """The fields of a resource class, or of a part of one, with their annotations resolved."""
    names, found = names_in(resource), {}
    for base in reversed(resource.__mro__):
        if base is StripeObject or not base.__module__.startswith("stripe"):
            continue
        for name, annotation in vars(base).get("__annotations__", {}).items():
            kind = resolved(annotation, names)
            if not name.startswith("_") and typing.get_origin(kind) is not typing.ClassVar:
                found[name] = kind
    return {name: kind for name, kind in found.items() if kind is not typing.ClassVar}


@functools.cache
def keys_of(params: type) -> dict[str, Any]:
    """The keys of a request type with their annotations."""
    found: dict[str, Any] = {}
    # A TypedDict keeps no parents in its __mro__, but collects their annotations.
    names = module_names(params.__module__)
    for name, annotation in params.__annotations__.items():
        found[name] = resolved(annotation, names)
    return found


def resolved(annotation: Any, names: Names) -> Any:
    """An annotation as an object: strings and forward references looked up (they are the wheel's, so trusted)."""
    while isinstance(annotation, (str, typing.ForwardRef)):
        words = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        annotation = eval(words, names)
    return annotation

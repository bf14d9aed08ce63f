"""Every address of a portal or console, filled with ids; and what tells whether any row was touched."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter

Pattern = tuple[str, str, tuple[tuple[str, object], ...]]


def patterns(urlconf: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Name with namespace, and the converters by argument, of every page."""
    yield from _walk(get_resolver(urlconf), "")


def addresses(urlconf: str, ids: Mapping[str, Sequence[object]]) -> list[str]:
    """Every path; numbers are filled from `ids` by the namespace (its first argument), then with 1 to 3."""
    found = []
    for name, converters in patterns(urlconf):
        own = list(ids.get(name.partition(":")[0], [])) or [1]
        choices = [
            _choices(argument, converter, own, ids, is_first=position == 0)
            for position, (argument, converter) in enumerate(converters.items())
        ]
        for values in product(*choices):
            found.append(reverse(name, urlconf=urlconf, kwargs=dict(zip(converters, values, strict=True))))
    return list(dict.fromkeys(found))


def touched(schema: str) -> dict[str, str]:
    """For each table of a schema which rows there are, in which version: any write changes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(
                f'SELECT md5(string_agg(ctid::text || xmin::text, \',\' ORDER BY ctid)) FROM "{schema}"."{table}"'
            )
            found[table] = cursor.fetchone()[0]
    return found


def _walk(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, dict[str, object]]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            inner = ":".join(part for part in (namespace, one.namespace) if part)
            yield from _walk(one, inner)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{namespace}:{one.name}" if namespace else one.name, _arguments(one)


def _arguments(one: URLPattern) -> dict[str, object]:
    # A pattern with a regular expression has no converters; its arguments are words of the tests' own `ids`.
    return dict(one.pattern.converters) or dict.fromkeys(one.pattern.regex.groupindex)


def _choices(
    argument: str,
    converter: object,
    own: Sequence[object],
    ids: Mapping[str, Sequence[object]],
    *,
    is_first: bool,
) -> Sequence[object]:
    if argument in ids:
        return ids[argument]
    if isinstance(converter, UUIDConverter):
        return ids.get("uuid", ["7c2b5a1e-0000-4000-8000-000000000000"])
    if isinstance(converter, IntConverter):
        return own if is_first else sorted({1, 2, 3, *own})[:6]  # type: ignore[type-var]
    return ["nothing"]

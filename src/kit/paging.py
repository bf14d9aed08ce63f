"""Keyset paging: a page costs the same on row 10 and on row 100,000."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


class BadCursor(ValueError):
    """The cursor was not made by this endpoint."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the rows after them (None: these were the last)."""

    rows: Sequence[Row]
    next_cursor: str | None


def page_by_id(queryset: QuerySet[Row], *, cursor: str | None, size: int) -> Page[Row]:
    """The `size` newest rows after `cursor`, ordered by falling id.

    Raises:
        BadCursor: the cursor cannot be read.
    """
    ordered = queryset.order_by("-pk")
    if cursor:
        ordered = ordered.filter(pk__lt=_read(cursor))
    rows = list(ordered[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows=rows, next_cursor=id_cursor(rows[-1].pk) if more else None)


def page_by(queryset: QuerySet[Row], *order: str, cursor: str | None, size: int) -> Page[Row]:
    """The `size` rows after `cursor` in the order of one column and "pk" behind it, or of "-pk" alone.

    The column holds days, is never empty in these rows and rises; an index over both makes every page cost the same.

    Raises:
        BadCursor: the cursor cannot be read.
    """
    rows = list(after(queryset, *order, cursor=cursor).order_by(*order)[: size + 1])
    return cut(rows, *order, size=size)


def page_by_moment(queryset: QuerySet[Row], column: str, *, cursor: str | None, size: int) -> Page[Row]:
    """The `size` newest rows after `cursor` by a column of moments that is never empty, for keys that are no numbers.

    Raises:
        BadCursor: the cursor cannot be read.
    """
    if cursor:
        moment, key = _read_moment(cursor, queryset)
        older = Q(**{f"{column}__lt": moment}) | Q(**{column: moment, "pk__lt": key})
        queryset = queryset.filter(Q(**{f"{column}__lte": moment}) & older)
    rows = list(queryset.order_by(f"-{column}", "-pk")[: size + 1])
    if len(rows) <= size:
        return Page(rows=rows, next_cursor=None)
    last = rows[size - 1]
    following = _written([getattr(last, column).isoformat(), str(last.pk)])
    return Page(rows=rows[:size], next_cursor=following)


def _read_moment(cursor: str, queryset: QuerySet[Row]) -> tuple[datetime, Any]:
    found = _decoded(cursor)
    try:
        moment = datetime.fromisoformat(found[0])
        key = queryset.model._meta.pk.to_python(found[1])
    except (IndexError, TypeError, ValueError, ValidationError) as error:
        raise BadCursor(cursor) from error
    if len(found) != 2 or moment.tzinfo is None:
        raise BadCursor(cursor)
    return moment, key


def after(queryset: QuerySet[Row], *order: str, cursor: str | None) -> QuerySet[Row]:
    """What comes behind a cursor, not ordered yet; all of it without one.

    Raises:
        BadCursor: the cursor cannot be read.
    """
    if not cursor:
        return queryset
    if order == ("-pk",):
        return queryset.filter(pk__lt=_read(cursor))
    column, pk = order
    assert pk == "pk", "only rising pages have a column before the id"
    day, key = read_day_cursor(cursor)
    # The first condition says nothing new; it is the one that an index understands.
    begun = queryset.filter(**{f"{column}__gte": day})
    return begun.filter(Q(**{f"{column}__gt": day}) | Q(pk__gt=key))


def cut(rows: Sequence[Row], *order: str, size: int) -> Page[Row]:
    """A page of rows in this order, of which one more was asked for than a page holds."""
    if len(rows) <= size:
        return Page(rows=rows, next_cursor=None)
    last = rows[size - 1]
    key = id_cursor(last.pk) if order == ("-pk",) else day_cursor(getattr(last, order[0]), last.pk)
    return Page(rows=rows[:size], next_cursor=key)


def day_cursor(day: date, key: int) -> str:
    """The cursor of a row in an order of day and id."""
    return _written([day.isoformat(), key])


def read_day_cursor(cursor: str) -> tuple[date, int]:
    """Day and id of a row.

    Raises:
        BadCursor: the cursor cannot be read.
    """
    found = _decoded(cursor)
    if len(found) != 2 or not isinstance(found[0], str):
        raise BadCursor(cursor)
    try:
        return date.fromisoformat(found[0]), _whole(found[1], cursor)
    except ValueError as error:
        raise BadCursor(cursor) from error


def id_cursor(key: int) -> str:
    """The cursor of a row in an order of ids."""
    return _written([key])


def _read(cursor: str) -> int:
    found = _decoded(cursor)
    if len(found) != 1:
        raise BadCursor(cursor)
    return _whole(found[0], cursor)


def _written(keys: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, binascii.Error, UnicodeError, RecursionError) as error:
        raise BadCursor(cursor) from error
    if not isinstance(found, list):
        raise BadCursor(cursor)
    return found


def _whole(key: Any, cursor: str) -> int:
    if not isinstance(key, int) or isinstance(key, bool) or abs(key) >= 2**63:
        raise BadCursor(cursor)
    return key

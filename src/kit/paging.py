"""Keyset paging: a page costs the same on row 10 and on row 100,000."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

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
    return Page(rows=rows, next_cursor=_write(rows[-1].pk) if more else None)


def _write(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([key]).encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        (key,) = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise BadCursor(cursor) from error
    if not isinstance(key, int) or isinstance(key, bool):
        raise BadCursor(cursor)
    return key

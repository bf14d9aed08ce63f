"""What every list of the API looks like."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Schema

from kit.paging import page_by_id

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class Paged(Schema, Generic[Item]):
    """A page of a list. Ask again with `cursor` = `next_cursor` until that is null."""

    items: list[Item]
    next_cursor: str | None = None


class Errors(Schema):
    """What was wrong, by field; the key "" holds what concerns the whole request."""

    errors: dict[str, list[str]]


class Paging(Schema):
    """Query parameters of every list."""

    cursor: str | None = Field(None, description="next_cursor of the page before")
    limit: int = Field(25, ge=1, le=100)


def paged(queryset: QuerySet[Row], paging: Paging, shape: Callable[[Row], Any]) -> dict[str, Any]:
    """One page of `queryset`, newest first.

    Raises:
        kit.paging.BadCursor: the cursor is not one of ours (answered with 422).
    """
    page = page_by_id(queryset, cursor=paging.cursor, size=paging.limit)
    return {"items": [shape(row) for row in page.rows], "next_cursor": page.next_cursor}


ANSWERS = {401: Errors, 403: Errors, 404: Errors, 422: Errors, 429: Errors}

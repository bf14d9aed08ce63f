"""Rows that the database refuses to change: the two cases in which named columns of them may.

See docs/decisions/0015: merging moves the client of a row, erasing takes a person's words out. Everything else
of such a row stays refused, also inside the block.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def may_change(table: str, columns: Iterable[str]) -> Iterator[None]:
    """Let UPDATEs in this block change `columns` of `table`. Needs an open transaction, and ends with it."""
    assert connection.in_atomic_block, "outside a transaction nothing would end the permission"
    _set(f"{table}:{','.join(columns)}")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _set("")


def _set(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portico.may_change', %s, true)", [words])

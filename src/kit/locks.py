"""One at a time over all processes. A killed process lets go at once: the lock is its database connection's."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
KIND = 0x61636D65  # apart from the advisory locks of others


class Busy(Exception):
    """Somebody else has been at it for the whole time."""


@contextmanager
def alone(name: str, *, seconds: float = 0.0) -> Iterator[None]:
    """Nobody else is inside with that name; no transaction is held. Raises Busy after `seconds`."""
    until, pause = time.monotonic() + seconds, FIRST_PAUSE
    while not _ask("SELECT pg_try_advisory_lock(%s, hashtext(%s))", name):
        if time.monotonic() >= until:
            raise Busy(name)
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    try:
        yield
    finally:
        _let_go(name)


def _let_go(name: str) -> None:
    try:
        _ask("SELECT pg_advisory_unlock(%s, hashtext(%s))", name)
    except DatabaseError:
        # A connection that cannot say so any more must not keep the lock.
        if not connection.in_atomic_block:
            connection.close()


def _ask(sql: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [KIND, name])
        return bool(cursor.fetchone()[0])

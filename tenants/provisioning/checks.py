"""Whether the server's lock table is large enough for what is done with whole schemas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

# Making, migrating or dropping one schema locks each of its relations; this leaves room beside it.
LEAST_LOCKS_PER_TRANSACTION = 256


@dataclass(frozen=True)
class LockTable:
    """`slots` is what the server holds at once over all connections; `tables` is what a full dump locks."""

    per_transaction: int
    slots: int
    tables: int

    @property
    def holds_a_full_dump(self) -> bool:
        """pg_dump of the whole database takes one lock per table and keeps it to the end."""
        return self.tables <= self.slots // 2


def lock_table() -> LockTable:
    """The server's lock table and what would have to fit in it (Postgres: lock management settings)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_locks_per_transaction')::int,"
            " current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int,"
            " (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'S', 'v', 'm'))"
        )
        per_transaction, sessions, tables = cursor.fetchone()
    return LockTable(per_transaction, per_transaction * sessions, tables)


@register(Tags.database)
def check_lock_table(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Runs with `manage.py check --database default` and at every release."""
    if not databases or "default" not in databases:
        return []
    locks = lock_table()
    said: list[CheckMessage] = []
    if locks.per_transaction < LEAST_LOCKS_PER_TRANSACTION:
        words = f"max_locks_per_transaction is {locks.per_transaction}: one schema may not fit."
        hint = f"Set it to {LEAST_LOCKS_PER_TRANSACTION} or more and restart Postgres."
        said.append(Warning(words, hint=hint, id="provisioning.W001"))
    if not locks.holds_a_full_dump:
        words = f"{locks.tables} tables and sequences, {locks.slots} locks: pg_dump of everything may fail."
        hint = "Raise max_locks_per_transaction, or dump one agency at a time (docs/operations.md)."
        said.append(Warning(words, hint=hint, id="provisioning.W002"))
    return said

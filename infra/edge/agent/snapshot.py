"""The bundles as they were last seen, sealed, on disk: an edge that boots without Postgres serves from it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import structlog

from tenants.certificates.edge.following import Row

log = structlog.get_logger()


class Snapshot:
    """A table in a file of its own. Bundles stay sealed in it: without CERTIFICATE_KEYS it opens nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._database = self._opened()
        except sqlite3.DatabaseError:
            # Postgres has everything; what it held is kept aside for whoever wants to know.
            log.exception("edge.snapshot_broken", path=str(path))
            path.replace(path.with_suffix(".broken"))
            self._database = self._opened()

    def rows(self) -> Iterator[Row]:
        """Everything in it."""
        for row in self._database.execute("SELECT host, version, sealed, key_name FROM bundle"):
            yield Row(*row)

    def put(self, rows: Sequence[Row]) -> None:
        """Take these in, all or none."""
        values = [(row.host, row.version, row.sealed, row.key_name) for row in rows]
        self._change(
            lambda: self._database.executemany("INSERT OR REPLACE INTO bundle VALUES (?, ?, ?, ?)", values)
        )

    def drop(self, hosts: Sequence[str]) -> None:
        """Forget these."""
        values = [(host,) for host in hosts]
        self._change(lambda: self._database.executemany("DELETE FROM bundle WHERE host = ?", values))

    def _opened(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(self._path, check_same_thread=False)
        # Safe after kill -9, and an fsync now and then only.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS bundle"
            " (host TEXT PRIMARY KEY, version INTEGER, sealed BLOB, key_name TEXT)"
        )
        return database

    def _change(self, change: Callable[[], object]) -> None:
        try:
            with self._database:
                change()
        except sqlite3.Error as error:
            # A full disk must not keep a certificate from being served.
            log.error("edge.snapshot_not_written", error=str(error))

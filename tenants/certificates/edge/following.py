"""Keeps a shelf of bundles like the table: told by Postgres at every commit, compared in whole every 30 s.

No Django here: the edge agent runs without it.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
import structlog
from psycopg.rows import TupleRow

log = structlog.get_logger()
Connection = psycopg.Connection[TupleRow]
CHANNEL = "tls_bundle"
# A notification that got lost costs this long, not for ever.
COMPARE_SECONDS = 30.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 5.0
BATCH = 500
# A table that lost most of its rows at once is one being restored, or another database: nobody loses a name by it.
FEW = 20
# A database that is gone without a word (a pulled plug) is noticed within ten seconds.
PATIENCE: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=10000",
}
_COLUMNS = "SELECT host, version, sealed, key_name FROM public.certificates_bundle"


@dataclass(frozen=True)
class Row:
    """One bundle as the table has it: sealed."""

    host: str
    version: int
    sealed: bytes
    key_name: str


class Shelf(Protocol):
    """Where an edge keeps its bundles."""

    def versions(self) -> Mapping[str, int]:
        """What is there. A version that the table never has marks what has to be fetched or dropped."""

    def put(self, rows: Sequence[Row]) -> None:
        """Take these in, each in place of the one before; a row that does not open is left out."""

    def drop(self, hosts: Sequence[str]) -> None:
        """Forget these."""


class Follower:
    """Follows the table until `stop`. With Postgres away the shelf stays as it is."""

    def __init__(self, address: str, shelf: Shelf) -> None:
        self.shelf = shelf
        self.is_connected = False
        self._address = address
        self._compared_at = 0.0
        self._stopped = threading.Event()

    def start(self) -> threading.Thread:
        """Run in a thread of its own."""
        thread = threading.Thread(target=self.run, name="bundles", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Ends `run` within half a second."""
        self._stopped.set()

    @property
    def compared_seconds_ago(self) -> float | None:
        """Age of the last comparison with the whole table; None before the first."""
        return time.monotonic() - self._compared_at if self._compared_at else None

    def run(self) -> None:
        """Connect, compare, follow; again and again, with pauses of 0.25 to 5 s while Postgres is away."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True, **PATIENCE) as connection:
                    for _ in self._follow(connection):
                        pause = FIRST_PAUSE_SECONDS
            except (psycopg.Error, OSError) as error:
                if self.is_connected or not self._compared_at:
                    log.warning("edge.postgres_away", error=str(error).strip())
                self.is_connected = False
                self._stopped.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _follow(self, connection: Connection) -> Iterator[None]:
        connection.execute(f"LISTEN {CHANNEL}")
        self.is_connected = True
        while not self._stopped.is_set():
            self._compare(connection)
            yield
            until = time.monotonic() + COMPARE_SECONDS
            while time.monotonic() < until and not self._stopped.is_set():
                told = {notice.payload for notice in connection.notifies(timeout=0.5, stop_after=1)}
                if told:
                    self._fetch(connection, sorted(told))

    def _compare(self, connection: Connection) -> None:
        """By equality, not "newer than": versions are given before the commit, so they arrive out of order."""
        query = "SELECT host, version FROM public.certificates_bundle"
        wanted: dict[str, int] = dict(connection.execute(query).fetchall())
        there = self.shelf.versions()
        gone = [host for host in there if host not in wanted]
        if len(gone) > FEW and len(gone) * 2 > len(there):
            log.error("edge.most_names_gone", gone=len(gone), hint="kept; is this the right database?")
            gone = []
        if gone:
            self.shelf.drop(gone)
        changed = [host for host, version in wanted.items() if there.get(host) != version]
        for at in range(0, len(changed), BATCH):
            self._fetch(connection, changed[at : at + BATCH])
        self._compared_at = time.monotonic()

    def _fetch(self, connection: Connection, hosts: Sequence[str]) -> None:
        rows = [
            Row(host, version, bytes(sealed), key_name)
            for host, version, sealed, key_name in connection.execute(
                # As bytes, not as their hexadecimal digits: half the work of a start's fetching.
                f"{_COLUMNS} WHERE host = ANY(%s)",
                [list(hosts)],
                binary=True,
            )
        ]
        if rows:
            self.shelf.put(rows)
        if gone := sorted(set(hosts) - {row.host for row in rows}):
            self.shelf.drop(gone)

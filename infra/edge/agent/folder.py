"""One file for each host, which nginx opens at every handshake: complete, or the one before."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog
from django.core.exceptions import ImproperlyConfigured

from infra.edge.agent.snapshot import Snapshot
from tenants.certificates.edge.contexts import loaded
from tenants.certificates.edge.following import Row
from tenants.certificates.edge.names import canonical
from tenants.certificates.edge.wildcard import WildcardFiles
from tenants.certificates.sealing import SealBroken, open_sealed

log = structlog.get_logger()
# A version that the table never has: such a file is fetched anew or dropped at the next comparison.
FROM_SOMEWHERE = -1


class AlreadyRunning(Exception):
    """Another agent keeps this folder."""


class Folder:
    """`<root>/live/<host>` holds chain and key; `root` should be in memory (tmpfs) and the edge's user's alone."""

    def __init__(self, root: Path, snapshot: Snapshot) -> None:
        self.live = root / "live"
        self._fresh = root / "fresh"
        self._snapshot = snapshot
        self._versions: dict[str, int] = {}
        for folder in (root, self.live, self._fresh):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = (root / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"another agent keeps {root}") from None
        for left in self._fresh.iterdir():
            left.unlink()

    def restore(self) -> int:
        """Write what the snapshot has and the folder lacks; how many names there are then.

        A file that is there is never older than the snapshot's row: it is written first.
        """
        there = self._hosts()
        for row in self._snapshot.rows():
            if row.host in there or self._write(row):
                self._versions[row.host] = row.version
        return len(self._versions)

    def versions(self) -> Mapping[str, int]:
        """By what is in the folder, so that a file that was deleted or put there by somebody is set right."""
        return {host: self._versions.get(host, FROM_SOMEWHERE) for host in self._hosts()}

    def put(self, rows: Sequence[Row]) -> None:
        """Write these, then note them in the snapshot. What does not open or fit leaves the file before."""
        written = [row for row in rows if self._write(row)]
        self._snapshot.put(written)
        self._versions.update({row.host: row.version for row in written})

    def drop(self, hosts: Sequence[str]) -> None:
        """Delete these; from then on their handshakes are refused."""
        for host in filter(canonical, hosts):
            (self.live / host).unlink(missing_ok=True)
            self._versions.pop(host, None)
        self._snapshot.drop(hosts)

    def put_wildcard(self, files: WildcardFiles, name: str) -> None:
        """Keep `<root>/live/<name>` like the files; no host is called `*.…`."""
        if (pem := files.changed()) is None:
            return
        try:
            loaded(pem)
            self._replace(name, pem)
        except OSError as error:  # ssl.SSLError is one: the key is still being written, or does not fit
            log.error("edge.wildcard_unusable", error=str(error))

    def pem(self, host: str) -> bytes | None:
        """The file of a canonical name."""
        try:
            return (self.live / host).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, row: Row) -> bool:
        if canonical(row.host) != row.host:
            log.error("edge.host_refused", host=row.host)
            return False
        try:
            # What opens is what was stored, and only a chain with its key is: no need to load it (2 ms each).
            self._replace(row.host, open_sealed(row.host, row.sealed, row.key_name))
        except (SealBroken, ImproperlyConfigured, OSError) as error:
            log.error("edge.bundle_unusable", host=row.host, error=str(error))
            return False
        return True

    def _replace(self, name: str, pem: bytes) -> None:
        # Paths as text: 10,000 of these are half of a start, and Path would be a quarter of it.
        fresh, live = f"{self._fresh}/{name}", f"{self.live}/{name}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
        os.rename(fresh, live)

    def _hosts(self) -> set[str]:
        return {name for name in os.listdir(self.live) if not name.startswith("*")}

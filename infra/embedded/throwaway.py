"""Runs one command with a database of its own that is gone afterwards: tests, checks, measurements."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from infra.embedded import environment as settings
from infra.embedded.postgres import Cluster
from infra.embedded.processes import end_with_parent
from infra.embedded.supervisor import STOP_SIGNALS

# The machine may have two cores; a browser and a server run beside each worker.
TEST_WORKERS = "2"


def test(words: Sequence[str]) -> int:
    """`./bin/test`: pytest over everything, or over what the words say; returns pytest's status."""
    spread = [] if _spreads(words) else ["-n", TEST_WORKERS]
    return run([sys.executable, "-m", "pytest", *spread, *words])


def bench(words: Sequence[str]) -> int:
    """`./bin/bench NAME`: one measurement, on a database as durable as a real one."""
    return run([sys.executable, "-m", "bench", *words], durable=True)


def run(command: Sequence[str], *, durable: bool = False, **more: str) -> int:
    """The command's exit status. A DATABASE_URL that the person has set is used instead of ours."""
    with database(durable=durable) as address:
        return passed_on(command, {**settings.base(os.environ), "DATABASE_URL": address, **more})


@contextlib.contextmanager
def database(*, durable: bool = False) -> Iterator[str]:
    """The address of a new, empty database; or DATABASE_URL, if set."""
    if address := os.environ.get("DATABASE_URL"):
        yield address
        return
    folder = Path(tempfile.mkdtemp(prefix="portico-postgres-"))
    # As root the server is somebody else, who has to pass through.
    folder.chmod(0o755)
    cluster = Cluster(folder / "cluster", throwaway=not durable)
    try:
        cluster.start()
        yield cluster.create_database(settings.DATABASE)
    finally:
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)


def passed_on(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs a command at our place: its status is returned, signals to us reach it, and we outlive it."""
    children: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        # At a terminal Ctrl-C has reached the child already; twice would cut its clearing up short.
        for child in children if number != signal.SIGINT or not sys.stdin.isatty() else []:
            child.send_signal(number)

    # Before the child is there: a signal ignored by who started us (`./bin/test &`) would be ignored by it too.
    before = {number: signal.signal(number, forward) for number in STOP_SIGNALS}
    try:
        ends_with_us = end_with_parent(signal.SIGTERM)
        children.append(
            subprocess.Popen(list(command), cwd=settings.ROOT, env=dict(environment), preexec_fn=ends_with_us)
        )
        status = children[0].wait()
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
    return 128 - status if status < 0 else status


def _spreads(words: Sequence[str]) -> bool:
    own = ("-n", "--numprocesses", "--dist", "--pdb", "--collect-only", "-pno:xdist", "no:xdist")
    return any(word.startswith(own) for word in words)

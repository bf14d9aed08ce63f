"""Programs of the platform as processes of their own, on the database of the running test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from infra.embedded.processes import end_with_parent

ROOT = Path(__file__).resolve().parents[1]


def environment(database: str = "", **more: str) -> dict[str, str]:
    """The variables with which a child reaches this test's database, or another one of the same server."""
    at = connection.settings_dict
    name = database or at["NAME"]
    address = f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@{at['HOST']}:{at['PORT']}/{name}"
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return {**os.environ, "DATABASE_URL": address, "PYTHONPATH": path, **more}


@contextmanager
def program(*command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program that is ended, with its children, at the end of the block."""
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(**more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGKILL),
    )
    try:
        yield child
    finally:
        kill(child)


def kill(child: subprocess.Popen[bytes]) -> None:
    """SIGKILL the program and its children at once, as an out-of-memory killer would."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(10)


def wait_until(question: Callable[[], bool], seconds: float, what: str) -> float:
    """Ask until it is so; the seconds it took. AssertionError when it takes longer."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began

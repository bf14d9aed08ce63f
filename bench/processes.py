"""Programs under measurement: started, asked what they use, stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.server import ROOT
from infra.embedded.processes import end, end_with_parent

GRACE_SECONDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def program(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs while inside; its words are in NAME.log of the folder."""
    with (folder / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env=dict(environment),
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
    try:
        yield child
    finally:
        end(child, signal.SIGTERM, GRACE_SECONDS)


def until(question: Callable[[], bool], seconds: float, what: str, pause: float = 0.005) -> float:
    """Asks until it is so; the seconds it took. RuntimeError when it takes longer."""
    began = time.perf_counter()
    while not question():
        if time.perf_counter() - began > seconds:
            raise RuntimeError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
    return time.perf_counter() - began


def megabytes(child: subprocess.Popen[bytes]) -> float:
    """Memory of a program and its children, what they share counted once (PSS)."""
    lines = [
        line
        for pid in _family(child.pid)
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    ]
    return sum(int(line.split()[1]) for line in lines) / 1024


def cpu_seconds(child: subprocess.Popen[bytes]) -> float:
    """Processor time of a program and its children so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in _family(child.pid)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def _family(pid: int) -> list[int]:
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in _family(int(child)))]

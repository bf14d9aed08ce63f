"""The supervisor: order, the death of a child, and Ctrl-C, each tried on a real process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A program that notes when it starts and when it is asked to stop.
CHILD = """
import os, signal, sys, time
def note(what):
    with open("diary", "a") as diary: diary.write(f"{what} {sys.argv[1]} {os.getpid()}\\n")
def leave(*_): note("stops"); sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv else leave)
note("starts")
if "forks" in sys.argv:
    if os.fork() == 0: note("starts")
time.sleep(60)
"""

SUPERVISED = """
import os, sys
from pathlib import Path
from infra.embedded.processes import Failed
from infra.embedded.supervisor import Interrupted, Supervisor
here = Path.cwd()
def diary(): return (here / "diary").read_text() if (here / "diary").exists() else ""
try:
    with Supervisor(here, os.environ, logs=here) as supervisor:
        supervisor.grace = 1.0
        supervisor.at_the_end(lambda: open("diary", "a").write("stops postgres 0\\n"))
        for words in sys.argv[1:]:
            name, *more = words.split(",")
            supervisor.start(name, [sys.executable, "child.py", name, *more])
            supervisor.wait_until(lambda: f"starts {name} " in diary(), name, 10)
        print("ready", flush=True)
        supervisor.watch()
except Interrupted:
    sys.exit(0)
except Failed as failure:
    print(failure, flush=True)
    sys.exit(1)
"""

Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    (tmp_path / "child.py").write_text(textwrap.dedent(CHILD))
    (tmp_path / "supervised.py").write_text(textwrap.dedent(SUPERVISED))
    started: list[subprocess.Popen[str]] = []

    def _launch(*children: str) -> subprocess.Popen[str]:
        command = [sys.executable, "supervised.py", *children]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        one = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(one)
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
        return one

    yield _launch
    for one in started:
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()


def _diary(folder: Path, what: str) -> list[str]:
    lines = (folder / "diary").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith(what)]


def _pids(folder: Path) -> list[int]:
    return [
        int(line.split()[2])
        for line in (folder / "diary").read_text().splitlines()
        if line.startswith("starts")
    ]


def _all_gone(pids: list[int], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while alive := [pid for pid in pids if _alive(pid)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return not alive


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_children_start_in_order_and_stop_in_reverse_postgres_last(launch: Launch, tmp_path: Path) -> None:
    one = launch("mail", "worker", "web")
    one.send_signal(signal.SIGINT)
    assert one.wait(10) == 0
    assert _diary(tmp_path, "starts") == ["mail", "worker", "web"]
    assert _diary(tmp_path, "stops") == ["web", "worker", "mail", "postgres"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_stops_every_child_and_their_children(
    launch: Launch, tmp_path: Path, number: signal.Signals
) -> None:
    one = launch("worker,forks", "web")
    one.send_signal(number)
    assert one.wait(10) == 0
    assert len(_pids(tmp_path)) == 3
    assert _all_gone(_pids(tmp_path))


def test_a_child_that_ends_by_itself_stops_all_with_a_status_that_is_not_0(
    launch: Launch, tmp_path: Path
) -> None:
    one = launch("worker", "web")
    os.kill(_pids(tmp_path)[0], signal.SIGKILL)
    assert one.wait(10) == 1
    assert one.stdout is not None
    assert "worker ended by itself (signal SIGKILL)" in one.stdout.read()
    assert _all_gone(_pids(tmp_path))


def test_a_child_deaf_to_sigterm_is_killed_after_the_grace_time(launch: Launch, tmp_path: Path) -> None:
    one = launch("web,deaf")
    asked = time.monotonic()
    one.send_signal(signal.SIGTERM)
    assert one.wait(10) == 0
    assert 0.9 < time.monotonic() - asked < 8
    assert _all_gone(_pids(tmp_path))


def test_children_end_when_the_supervisor_is_killed(launch: Launch, tmp_path: Path) -> None:
    one = launch("mail", "web")
    one.kill()
    assert _all_gone(_pids(tmp_path))

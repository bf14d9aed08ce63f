"""A command with a database of its own: what it returns, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAYS = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).close(); print('ready', flush=True); "


def _run(folder: Path, code: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "infra.embedded", "run", sys.executable, "-c", SAYS + code]
    # Its temporary folder is ours, so that we can see it cleared up.
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**environment, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As a shell does with what it runs in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )


def test_its_status_is_passed_on_and_nothing_is_left(open_folder: Path) -> None:
    one = _run(open_folder, "raise SystemExit(7)")
    said, _ = one.communicate(timeout=120)
    assert (one.returncode, said) == (7, "ready\n")
    assert list(open_folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_and_nothing_is_left(open_folder: Path, number: signal.Signals) -> None:
    one = _run(open_folder, "import time; time.sleep(600)")
    assert one.stdout is not None
    assert one.stdout.readline() == "ready\n"
    one.send_signal(number)
    one.communicate(timeout=120)
    assert one.returncode in (1, 128 + number)
    assert list(open_folder.iterdir()) == []

"""What every child process here has in common: it ends when we end, and it is reaped."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
BELOW_OUTGOING = range(20_000, 32_000)
# Loaded before any fork: a child that has already dropped its rights may not be able to read the library.
_LIBC = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """Something that the person at the screen has to know; the message says what to do about it."""


def end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel signal the child when its parent is gone, even by SIGKILL.

    Linux only; elsewhere None. Must be used from the main thread: the kernel watches the thread that forked.
    """
    if sys.platform != "linux":
        return None
    return lambda: _LIBC.prctl(PR_SET_PDEATHSIG, int(number))


def free_port(wanted: int = 0) -> int:
    """The wanted loopback port if nobody has it, else any free one.

    Taken from below the range that systems give to outgoing connections: one of those could have it before us.
    """
    others = random.SystemRandom().sample(BELOW_OUTGOING, 20)
    # The last one leaves the choice to the system.
    for port in [wanted, *others, 0] if wanted else [*others, 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise Failed("This machine has no free port on 127.0.0.1.")


def command_line(pid: int) -> str:
    """The words a process was started with; raises OSError when there is no such process."""
    if sys.platform == "linux":
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    return subprocess.run(
        ["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False
    ).stdout


def end(child: subprocess.Popen[bytes], number: signal.Signals, grace: float) -> bool:
    """Sends the signal, waits up to `grace` seconds, then kills its whole group. True if it went in time."""
    in_time = True
    if child.poll() is None:
        child.send_signal(number)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            in_time = False
    # Also when the leader has gone by itself: it may have left children behind in its group.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return in_time

"""Starts the programs of the platform in order, watches them, and stops them in reverse.

If one of them ends by itself, all are stopped and the supervisor's own exit status is not 0. Ctrl-C, SIGTERM
and SIGHUP stop everything in order; a second Ctrl-C does not wait any longer. Should the supervisor itself be
killed, the kernel ends the children (`processes.end_with_parent`).
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

from infra.embedded.processes import Failed, end, end_with_parent

GRACE_SECONDS = 6.0
GLANCE_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Somebody asked us to stop."""


@dataclass
class Child:
    """One running program."""

    name: str
    running: subprocess.Popen[bytes]
    log: Path | None

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Supervisor:
    """A context: on the way out, however that happens, every child is stopped and the services given up.

    `folder` is where programs start; `logs` where each writes NAME.log (None: to our own output).
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], *, logs: Path | None = None) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.logs = logs
        self.grace = GRACE_SECONDS
        self.children: list[Child] = []
        self._at_the_end: list[Callable[[], None]] = []
        self._asked_to_stop = False
        self._before: dict[
            signal.Signals, signal.Handlers | Callable[[int, FrameType | None], object] | int | None
        ] = {}

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for number, before in self._before.items():
            signal.signal(number, before)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked_to_stop:
            # Asked twice: no more patience, also for the one that is being waited for right now.
            for child in self.children:
                child.running.kill()
        self._asked_to_stop = True

    def at_the_end(self, give_up: Callable[[], None]) -> None:
        """Calls that after all children have gone, the last registered first (Postgres, say)."""
        self._at_the_end.append(give_up)

    def glance(self) -> None:
        """Waits a moment. Interrupted if we were asked to stop, Failed if a child has ended by itself."""
        if self._asked_to_stop:
            raise Interrupted
        for child in self.children:
            if (status := child.running.poll()) is not None:
                raise Failed(
                    f"{child.name} ended by itself ({status_word(status)}).\n{child.last_words()}".rstrip()
                )
        time.sleep(GLANCE_SECONDS)

    def start(self, name: str, command: Sequence[str], **environment: str) -> Child:
        """Starts a program that is to stay. Raises Interrupted instead when we were asked to stop."""
        if self._asked_to_stop:
            raise Interrupted
        child = self._launch(name, command, environment)
        self.children.append(child)
        return child

    def run(
        self, name: str, command: Sequence[str], *, output: Path | None = None, **environment: str
    ) -> None:
        """Runs a program to its end. Raises Failed with its last words when its status is not 0.

        `output` takes its standard output apart from its log.
        """
        if self._asked_to_stop:
            raise Interrupted
        child = self._launch(name, command, environment, output)
        try:
            while child.running.poll() is None:
                self.glance()
        finally:
            end(child.running, signal.SIGTERM, self.grace)
        if status := child.running.returncode:
            raise Failed(f"{name} did not succeed ({status_word(status)}).\n{child.last_words()}".rstrip())

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Returns once `ready()`; Failed when that takes more seconds, or a child ends meanwhile."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                words = self.children[-1].last_words() if self.children else ""
                raise Failed(f"{what} was not ready within {seconds:.0f} seconds.\n{words}".rstrip())
            self.glance()

    def watch(self) -> None:
        """Stays until asked to stop (Interrupted) or a child ends by itself (Failed)."""
        while True:
            self.glance()

    def stop(self) -> None:
        """Stops every child, the last started first, each with a grace time; then gives the services up."""
        while self.children:
            end(self.children[-1].running, signal.SIGTERM, self.grace)
            self.children.pop()
        while self._at_the_end:
            self._at_the_end.pop()()

    def _launch(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], output: Path | None = None
    ) -> Child:
        log = self.logs / f"{name}.log" if self.logs else None
        errors = log.open("ab") if log else None
        standard = output.open("wb") if output else errors
        try:
            running = subprocess.Popen(
                list(command),
                cwd=self.folder,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=standard,
                stderr=errors,
                # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        except OSError as error:
            raise Failed(f"{name} cannot be started: {error}") from error
        finally:
            for stream in (standard, errors):
                if stream is not None:
                    stream.close()
        return Child(name, running, log)


def status_word(status: int) -> str:
    """An exit status in words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"

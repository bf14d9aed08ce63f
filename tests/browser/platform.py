"""The whole platform as a visitor meets it: web server, worker, scheduler and captured mail, on a fresh database."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.embedded.processes import end_with_parent, free_port
from tests.processes import ROOT, environment, kill

READY_SECONDS = 40


@dataclass(frozen=True)
class Running:
    """Where the running platform answers."""

    port: int
    mail_port: int

    def address(self, host: str, path: str = "/") -> str:
        """An address on one of the platform's hosts, e.g. `address("northwind")` or `address("")` for the apex."""
        name = f"{host}.localhost" if host else "localhost"
        return f"http://{name}:{self.port}{path}"

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Captured mails to an address, newest first."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.mail_port}/mails.json?to={to}", timeout=5
        ) as answer:
            return list(json.load(answer))

    def mail(self, to: str, subject: str, *, after: int = 0, seconds: float = 20) -> dict[str, Any]:
        """The newest mail to `to` whose subject holds `subject`, once more than `after` of them have come."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [mail for mail in self.mails(to) if subject.lower() in mail["subject"].lower()]
            if len(found) > after:
                return found[0]
            time.sleep(0.1)
        subjects = [mail["subject"] for mail in self.mails(to)]
        raise AssertionError(f"no mail “{subject}” to {to} within {seconds} s; there are {subjects}")


@contextmanager
def running_platform(
    folder: Path, database: str, *, programs: Mapping[str, Sequence[str]] | None = None, **variables: str
) -> Iterator[Running]:
    """Start everything on a database; stop it at the end. `programs` run too, `variables` are told to all."""
    port, mail_port, smtp_port = (free_port() for _ in range(3))
    env = environment(
        database,
        PORT=str(port),
        PORTICO_HOST="localhost",
        PORTICO_SCHEME="http",
        PORTICO_DEMO="1",
        SMTP_URL=f"smtp://127.0.0.1:{smtp_port}",
        STORAGE_DIR=str(folder / "files"),
        STATIC_ROOT=str(folder / "static"),
        SECRET_KEY="only-for-this-run",
        **variables,
    )
    python = sys.executable
    granian = str(Path(python).with_name("granian"))
    web = [granian, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    commands: dict[str, Sequence[str]] = {
        "mail": [python, "-m", "infra.embedded.mail", str(folder / "mail")]
        + ["--smtp-port", str(smtp_port), "--http-port", str(mail_port)],
        "worker": [python, "-m", "dramatiq", "config.worker", "--processes", "1", "--threads", "2"],
        "scheduler": [python, "manage.py", "scheduler"],
        "web": [*web, "--blocking-threads", "4", "--no-ws", "config.wsgi:application"],
        **(programs or {}),
    }
    subprocess.run([python, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=env, check=True)
    subprocess.run(
        [python, "manage.py", "demo_agencies"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
    )
    with ExitStack() as stack:
        for name, command in commands.items():
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
            stack.callback(kill, child)
        _wait_for(f"http://127.0.0.1:{port}/health/", folder / "web.log")
        _wait_for(f"http://127.0.0.1:{mail_port}/mails.json", folder / "mail.log")
        yield Running(port=port, mail_port=mail_port)


def chromium() -> str:
    """The browser that ./bin/test found; its absence fails the tests."""
    path = os.environ.get("PORTICO_CHROMIUM", "")
    assert path and Path(path).exists(), "no browser: run the tests by ./bin/test, which gets one"
    return path


def _wait_for(address: str, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    request = urllib.request.Request(address, headers={"Host": "localhost"} if "health" in address else {})
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(request, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer: {log.read_text()[-2000:]}")

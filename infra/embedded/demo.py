"""`./bin/demo`: the whole platform on this machine, with progress on screen, until Ctrl-C.

Everything it keeps is under var/ (in a clone that only root can enter: the database under /var/lib/portico).
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from infra.embedded import demo_domains, demo_payments, procfile, signpost
from infra.embedded import environment as settings
from infra.embedded.demo_domains import DemoDomains, listens
from infra.embedded.postgres import Cluster
from infra.embedded.processes import Failed, free_port
from infra.embedded.supervisor import Interrupted, Supervisor

ROOT = settings.ROOT
WEB_SECONDS = 60
MAIL_SECONDS = 15
# Beside the platform's own port: 8000 → 8025, the number people know from SMTP.
MAIL_PORT_OFFSET = 25
INTAKE_PORT_OFFSET = 26

ABOUT = """Starts the platform on this machine: database, demo agencies, web, worker, scheduler, intake and a page
that shows the mails it sends; a Stripe simulator (test payments, nothing is charged); for custom domains
a DNS page, a certificate authority and an edge.
Ctrl-C stops all of it; the next start finds its data again."""
SWITCHES = """PORT=8010 ./bin/demo takes another port. DATABASE_URL, SMTP_URL, ACME_DIRECTORY and S3_BUCKET (with
S3_ENDPOINT_URL and AWS_* keys) and STRIPE_SECRET_KEY (with the other STRIPE_*) switch to real services; those
here are then not started. Jobs are queued in that Postgres."""


def main(words: Sequence[str]) -> int:
    """Runs the demo; returns its exit status."""
    asked = _asked(words)
    var = ROOT / "var"
    port = _port(os.environ.get("PORT") or "8000")
    started = time.monotonic()
    try:
        with _only_one(var, port):
            if asked.reset:
                _say("Clearing what the last demo left …")
                reset(var)
            _refuse_busy_port(port)
            _run(var, port, empty=asked.empty, started=started)
    except Interrupted:
        _say("Everything is stopped. ./bin/demo goes on where this left off.")
        return 0
    return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./bin/demo", description=ABOUT, epilog=SWITCHES)
    parser.add_argument("--reset", action="store_true", help="forget all data of the last demo, then start")
    parser.add_argument("--empty", action="store_true", help="start without demo agencies")
    return parser.parse_args(words)


def _run(var: Path, port: int, *, empty: bool, started: float) -> None:
    logs = var / "log"
    for folder in (logs, var / "files", var / "static", var / "mail"):
        folder.mkdir(parents=True, exist_ok=True)
    (var / "demo.json").unlink(missing_ok=True)
    environment = settings.for_demo(os.environ, var, port)
    programs = procfile.read(ROOT / "Procfile")
    with Supervisor(ROOT, environment, logs=logs) as supervisor:
        supervisor.at_the_end(lambda: (var / "demo.json").unlink(missing_ok=True))
        _database(supervisor, var)
        smtp_port, mail_port = free_port(), free_port(port + MAIL_PORT_OFFSET)
        captures = not supervisor.environment.get("SMTP_URL")
        if captures:
            supervisor.environment["SMTP_URL"] = f"smtp://127.0.0.1:{smtp_port}"
        domains = _domains(supervisor, var, port)
        payments = demo_payments.start(supervisor, var, port)
        _say("Bringing the database up to date (first time: about half a minute) …")
        supervisor.run("release", procfile.command(programs["release"]))
        agencies = [] if empty else _agencies(supervisor, logs)
        if captures:
            _mail(supervisor, var, smtp_port, mail_port)
        _say("Starting worker, scheduler, intake and web …")
        supervisor.environment["INTAKE_LISTEN"] = f"127.0.0.1:{free_port(port + INTAKE_PORT_OFFSET)}"
        for name in ("worker", "scheduler", "intake", "web"):
            supervisor.start(name, procfile.command(programs[name]))
        if domains:
            demo_domains.start_edge(supervisor, domains)
        host = f"{environment['PORTICO_HOST']}:{port}"
        supervisor.wait_until(lambda: _answers(host, port), "web", WEB_SECONDS)
        about = signpost.describe(
            environment["PORTICO_SCHEME"], host, mail_port if captures else None, agencies, domains, payments
        )
        signpost.write(var / "demo.json", about)
        print(signpost.where_to_go(about, var, domains), flush=True)
        _say(f"Ready after {time.monotonic() - started:.0f} seconds. Ctrl-C stops everything.")
        with contextlib.suppress(Interrupted):
            supervisor.watch()
        _say("Stopping …")
    raise Interrupted


def _database(supervisor: Supervisor, var: Path) -> None:
    if supervisor.environment.get("DATABASE_URL"):
        _say("Using the database that DATABASE_URL names …")
        return
    _say("Starting Postgres …")
    cluster = Cluster(var / "postgres")
    supervisor.at_the_end(cluster.stop)
    cluster.start()
    supervisor.environment["DATABASE_URL"] = cluster.create_database(settings.DATABASE)


def _domains(supervisor: Supervisor, var: Path, port: int) -> DemoDomains | None:
    if reason := demo_domains.why_not(supervisor.environment):
        _say(reason)
        return None
    _say("Starting DNS and a certificate authority for custom domains …")
    try:
        return demo_domains.start(supervisor, var, port)
    except Failed as failure:
        _say(f"Custom domains are off. {failure}\nEverything else works.")
        return None


def _agencies(supervisor: Supervisor, logs: Path) -> list[dict[str, Any]]:
    _say("Seeding the demo agencies …")
    said = logs / "demo_agencies.json"
    supervisor.run("demo_agencies", [sys.executable, "manage.py", "demo_agencies"], output=said)
    lines = said.read_text(encoding="utf-8").strip().splitlines()
    try:
        agencies: list[dict[str, Any]] = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise Failed(f"demo_agencies did not print its people as JSON; see {said}.") from error
    return agencies


def _mail(supervisor: Supervisor, var: Path, smtp_port: int, http_port: int) -> None:
    ports = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    supervisor.start("mail", [sys.executable, "-m", "infra.embedded.mail", str(var / "mail"), *ports])
    supervisor.wait_until(lambda: listens(smtp_port) and listens(http_port), "mail capture", MAIL_SECONDS)


def reset(var: Path) -> None:
    """Deletes all that the demo keeps; a database server left by a killed run is stopped first."""
    with contextlib.suppress(Failed):
        Cluster(var / "postgres").remove()
    for path in var.iterdir():
        if path.name == "demo.lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextlib.contextmanager
def _only_one(var: Path, port: int) -> Iterator[None]:
    var.mkdir(exist_ok=True)
    with (var / "demo.lock").open("a+") as lock:
        try:
            # Given back by the kernel also when we are killed.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise Failed(
                f"A demo is already running in this folder ({who}).\n"
                "Stop it with Ctrl-C where it runs; a second one needs a second clone and another PORT."
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(f"process {os.getpid()}, http://localhost:{port}/\n")
        lock.flush()
        yield
        lock.seek(0)
        lock.truncate()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Failed(f"PORT={text} is not a port number.")
    return int(text)


def _refuse_busy_port(port: int) -> None:
    if free_port(port) != port:
        other = next((one for one in range(8010, 8100, 10) if free_port(one) == one), free_port())
        raise Failed(
            f"Port {port} is taken, or not ours to take. Choose another one: PORT={other} ./bin/demo"
        )


def _answers(host: str, port: int) -> bool:
    """Whether the platform's own page is there; 5xx counts as not there."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": host})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _say(words: str) -> None:
    print(words, flush=True)

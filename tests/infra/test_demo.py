"""`./bin/demo` around a stand-in for the platform: real Procfile, Postgres, supervisor, mail capture."""

from __future__ import annotations

import json
import os
import shutil
import signal
import smtplib
import ssl
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.embedded import signpost
from infra.embedded.processes import free_port

ROOT = Path(__file__).resolve().parents[2]

# Counts its releases in the database, so that a second start can be seen to find the first one's rows.
MANAGE = """
import json, os, socket, sys, time, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as db:
    db.execute("CREATE TABLE IF NOT EXISTS releases (at timestamptz DEFAULT now())")
    if sys.argv[1] == "release": db.execute("INSERT INTO releases DEFAULT VALUES")
    count = db.execute("SELECT count(*) FROM releases").fetchone()[0]
    print("releases:", count, "key:", os.environ["SECRET_KEY"])
if sys.argv[1] == "demo_agencies":
    people = [{"part": "owner", "email": "alice@northwind.test", "password": "for-demos"}]
    people.append({"part": "client", "email": "maria@client.test"})
    print(json.dumps([{"slug": "northwind", "plan": "growth", "people": people}]))
if sys.argv[1] == "edge":
    ports = [int(sys.argv[sys.argv.index(word) + 1]) for word in ("--https", "--http")]
    listening = [socket.create_server(("127.0.0.1", port)) for port in ports]
    print("edge:", os.environ["ACME_DIRECTORY"], os.environ["DNS_RESOLVERS"], os.environ["CERTIFICATE_KEYS"])
if sys.argv[1] in ("worker", "scheduler", "intake", "edge"): time.sleep(600)
"""
WSGI = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["HTTP_HOST"].encode()]
"""


class Demo:
    """A clone with a stand-in platform, and the demo running in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()
        self.running: list[subprocess.Popen[str]] = []
        shutil.copytree(ROOT / "infra", root / "infra", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "Procfile", root)
        (root / "manage.py").write_text(textwrap.dedent(MANAGE))
        (root / "src/config").mkdir(parents=True)
        (root / "src/config/__init__.py").touch()
        (root / "src/config/wsgi.py").write_text(textwrap.dedent(WSGI))

    def launch(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Starts the demo."""
        given = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SMTP_URL")
        }
        given |= {"PORT": str(self.port), "PYTHONPATH": str(self.root), **environment}
        command = [sys.executable, "-m", "infra.embedded", "demo", *words]
        one = subprocess.Popen(
            command, cwd=self.root, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.running.append(one)
        return one

    def ready(self, one: subprocess.Popen[str]) -> dict[str, Any]:
        """What demo.json says once it is there."""
        deadline = time.monotonic() + 180
        while not (self.root / "var/demo.json").exists():
            assert one.poll() is None, one.stdout and one.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        about: dict[str, Any] = json.loads((self.root / "var/demo.json").read_text())
        return about

    def processes(self) -> set[str]:
        """Processes that know this clone: their number and first word."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                here = str(self.root) in (folder / "environ").read_text() + (folder / "cmdline").read_text()
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if here and state != "Z" and int(folder.name) != os.getpid():
                found.add(folder.name)
        return found

    def stop(self, one: subprocess.Popen[str]) -> str:
        """Ctrl-C; returns what it had said. Fails unless the status is 0 and no process is left."""
        one.send_signal(signal.SIGINT)
        said, _ = one.communicate(timeout=120)
        assert one.returncode == 0, said
        assert self.processes() == set()
        return said


@pytest.fixture
def clone(open_folder: Path) -> Iterator[Demo]:
    clone = Demo(open_folder)
    yield clone
    for one in clone.running:
        if one.poll() is None:
            one.terminate()
            one.wait(60)
        if one.stdout:
            one.stdout.close()


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return str(answer.read().decode())


def test_it_starts_says_where_to_go_and_stops_every_child(clone: Demo) -> None:
    one = clone.launch()
    about = clone.ready(one)
    at = f"localhost:{clone.port}"
    assert about["platform"] == f"http://{at}/"
    assert about["console"] == f"http://app.{at}/"
    assert about["api"] == f"http://app.{at}/api/v1/"
    people = [
        {"part": "owner", "email": "alice@northwind.test", "password": "for-demos"},
        {"part": "client", "email": "maria@client.test"},
    ]
    portal = f"http://northwind.{at}/"
    assert about["agencies"] == [{"slug": "northwind", "plan": "growth", "portal": portal, "people": people}]
    assert _get(about["platform"]) == at
    assert json.loads(_get(about["mail_json"])) == []
    assert "No mail yet" in _get(about["mail"])
    assert len(clone.processes()) >= 6
    said = clone.stop(one)
    assert "alice@northwind.test" in said
    assert "password for-demos" in said
    assert not (clone.root / "var/demo.json").exists()


def test_dns_certificate_authority_and_edge_are_there_for_custom_domains(clone: Demo) -> None:
    one = clone.launch("--empty")
    about = clone.ready(one)
    record = {"name": "portal.youragency.localhost", "type": "CNAME", "value": "x.to.localhost"}
    request = urllib.request.Request(about["dns_json"], json.dumps(record).encode())
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert "youragency.localhost" in json.load(answer)["zones"]
    assert "youragency.localhost" in _get(about["dns"])
    https = int(about["edge"].rpartition(":")[2])
    assert about["example"] == f"https://portal.youragency.localhost:{https}/"
    assert "BEGIN CERTIFICATE" in Path(about["ca_file"]).read_text()
    trust = ssl.create_default_context(cafile=clone.root / "var/pebble/listener-ca.pem")
    with urllib.request.urlopen(about["acme"], timeout=5, context=trust) as answer:
        assert "newOrder" in json.load(answer)
    edge = (clone.root / "var/log/edge.log").read_text()
    assert about["acme"] in edge
    said = clone.stop(one)
    assert "certutil -d sql:$HOME/.pki/nssdb" in said
    one = clone.launch("--empty")
    clone.ready(one)
    clone.stop(one)
    first, second = (clone.root / "var/log/edge.log").read_text().splitlines()[1::2]
    assert first.split()[-1] == second.split()[-1], "the key of the private keys is kept"


def test_without_an_acme_server_the_rest_works_and_the_demo_says_so(clone: Demo) -> None:
    plain = os.pathsep.join(
        folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "pebble").exists()
    )
    one = clone.launch("--empty", PATH=plain)
    about = clone.ready(one)
    assert (about["dns"], about["edge"], about["acme"]) == (None, None, None)
    assert _get(about["platform"])
    said = clone.stop(one)
    assert "Custom domains are off" in said


def test_a_mail_sent_where_smtp_url_says_is_captured(clone: Demo) -> None:
    one = clone.launch("--empty")
    about = clone.ready(one)
    variables = next(
        words
        for pid in clone.processes()
        if "SMTP_URL=" in (words := Path(f"/proc/{pid}/environ").read_text())
    )
    port = int(variables.split("SMTP_URL=smtp://127.0.0.1:")[1].split("\0")[0])
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail("a@x.test", ["b@x.test"], "Subject: hello\r\n\r\nhttp://x.test/in")
    assert json.loads(_get(about["mail_json"]))[0]["links"] == ["http://x.test/in"]
    assert about["agencies"] == []
    clone.stop(one)


def _release_log(clone: Demo) -> str:
    return (clone.root / "var/log/release.log").read_text()


def test_a_second_start_finds_its_data_and_its_key_and_reset_forgets_them(clone: Demo) -> None:
    for _ in range(2):
        one = clone.launch()
        clone.ready(one)
        clone.stop(one)
    first, second = _release_log(clone).splitlines()
    assert (first[:11], second[:11]) == ("releases: 1", "releases: 2")
    assert first.split("key:")[1] == second.split("key:")[1]
    one = clone.launch("--reset")
    clone.ready(one)
    clone.stop(one)
    assert _release_log(clone).startswith("releases: 1")
    assert first.split("key:")[1] not in _release_log(clone)


def test_a_start_after_kill_9_stops_what_was_left_and_finds_its_data(clone: Demo) -> None:
    one = clone.launch()
    clone.ready(one)
    one.kill()
    one.wait()
    # What the killed one said of itself is still there until the next one takes it away, however long that takes.
    (clone.root / "var/demo.json").unlink()
    one = clone.launch()
    clone.ready(one)
    assert "releases: 2" in _release_log(clone)
    clone.stop(one)


def test_a_second_demo_in_the_same_folder_is_refused(clone: Demo) -> None:
    one = clone.launch("--empty")
    clone.ready(one)
    other = clone.launch("--reset", PORT=str(free_port()))
    said, _ = other.communicate(timeout=120)
    assert other.returncode == 1
    assert f"already running in this folder (process {one.pid}, http://localhost:{clone.port}/)" in said
    assert _get(f"http://localhost:{clone.port}/")
    clone.stop(one)


def test_a_busy_port_and_no_port_at_all_are_refused_with_what_to_do(clone: Demo) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said, _ = clone.launch(PORT=str(port)).communicate(timeout=120)
        assert f"Port {port} is taken" in said
        assert "./bin/demo" in said
    one = clone.launch(PORT="eighty")
    said, _ = one.communicate(timeout=120)
    assert (one.returncode, "PORT=eighty is not a port number" in said) == (1, True)


def test_the_death_of_a_program_ends_the_demo_with_a_status_that_is_not_0(clone: Demo) -> None:
    one = clone.launch("--empty")
    clone.ready(one)
    for pid in clone.processes():
        if "scheduler" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(int(pid), signal.SIGKILL)
    said, _ = one.communicate(timeout=120)
    assert one.returncode == 1
    assert "scheduler ended by itself" in said
    assert clone.processes() == set()


def test_a_failing_release_shows_its_last_words(clone: Demo) -> None:
    (clone.root / "manage.py").write_text("raise SystemExit('no such column')")
    said, _ = clone.launch().communicate(timeout=120)
    assert "release did not succeed (status 1).\nno such column" in said


def test_settings_of_the_person_win(clone: Demo) -> None:
    from infra.embedded.environment import for_demo

    (clone.root / "var").mkdir()
    given = {
        "DATABASE_URL": "postgresql://real/db",
        "SMTP_URL": "smtp://real",
        "S3_BUCKET": "real",
        "SECRET_KEY": "own",
    }
    made = for_demo(given, clone.root / "var", 8000)
    assert given.items() <= made.items()
    assert "STORAGE_DIR" not in made
    about = signpost.describe("http", "localhost:8000", None, [])
    assert (about["mail"], about["mail_json"]) == (None, None)

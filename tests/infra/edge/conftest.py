"""A real edge: the agent following this test's database, nginx on its folder, and an application that echoes."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from infra.edge import nginx
from infra.embedded import minting
from infra.embedded.processes import end_with_parent, free_port
from tests.processes import ROOT, environment, kill, wait_until

KEY = "k1:" + "a2Fr" * 10 + "a2E="
PLATFORM = "portico.example"


@pytest.fixture(autouse=True)
def _sealing_key(settings: Settings) -> None:
    settings.CERTIFICATE_KEYS = [KEY]


@pytest.fixture(scope="session")
def root() -> minting.Minted:
    """A certificate authority that signs what tests store."""
    return minting.authority("root of the edge's tests")


@dataclass
class Edge:
    """Where the parts of one edge are; started by the test, ended at its end."""

    folder: Path
    variables: dict[str, str]
    https: int
    http: int
    app: int
    agent_port: int
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_agent(self, **more: str) -> subprocess.Popen[bytes]:
        """The agent; it is ready when its health says so, or when it has restored its snapshot."""
        child = self.start([sys.executable, "-m", "infra.edge.agent"], "agent", **more)
        wait_until(lambda: self.health() is not None or child.poll() is not None, 15, "the agent")
        return child

    def start_nginx(self) -> subprocess.Popen[bytes]:
        """nginx, answering on both ports."""
        program = nginx.program()
        assert program, "nginx is missing: run ./bin/programs"
        (self.folder / "nginx.conf").write_text(nginx.configuration(self.variables))
        words = [program, "-e", "stderr", "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]
        child = self.start(words, "nginx")
        wait_until(lambda: (self.folder / "nginx.pid").exists() or child.poll() is not None, 10, "nginx")
        assert child.poll() is None, self.log("nginx")
        return child

    def start_caddy(self) -> subprocess.Popen[bytes]:
        """Caddy, answering on both ports."""
        program = shutil.which("caddy")
        assert program, "caddy is missing: run ./bin/programs"
        words = [program, "run", "--config", str(ROOT / "infra/edge/caddy/Caddyfile")]
        child = self.start(words, "caddy", EDGE_PORT_SUFFIX=f":{self.https}", HOME=str(self.folder))
        wait_until(lambda: "serving initial configuration" in self.log("caddy"), 10, "caddy")
        return child

    def start(self, words: list[str], name: str, **more: str) -> subprocess.Popen[bytes]:
        """A child whose words go to a file."""
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                words,
                cwd=ROOT,
                env={**environment(), **self.variables, **more},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        self.children.append(child)
        return child

    def log(self, name: str) -> str:
        """What a child said so far."""
        return (self.folder / f"{name}.log").read_text()

    def health(self) -> dict[str, Any] | None:
        """What the agent says of itself; None when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.agent_port}/health", timeout=2) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return None

    def is_following(self) -> bool:
        """Whether the agent has compared its folder with the table."""
        health = self.health()
        return bool(health and health["postgres"] and health["compared_seconds_ago"] is not None)


@contextmanager
def echo() -> Iterator[ThreadingHTTPServer]:
    """An application that answers every request with its path and headers, as JSON."""

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told = {"path": self.path, **{key.lower(): value for key, value in self.headers.items()}}
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def edge(committed_db: None, tmp_path: Path) -> Iterator[Edge]:
    https, http, agent = (free_port() for _ in range(3))
    with echo() as app:
        port = int(app.server_address[1])
        variables = {
            "CERTIFICATE_KEYS": KEY,
            "PORTICO_HOST": PLATFORM,
            "EDGE_ADDRESSES": "127.0.0.1",
            "EDGE_AGENT_PORT": str(agent),
            "EDGE_AGENT_TOKEN": "only-for-this-test",
            "EDGE_APPS": f"127.0.0.1:{port}",
            "EDGE_FOLDER": str(tmp_path),
            "EDGE_HTTP_PORT": str(http),
            "EDGE_HTTPS_PORT": str(https),
            "EDGE_SNAPSHOT": str(tmp_path / "kept" / "snapshot.sqlite"),
            "EDGE_TEMPORARY": str(tmp_path),
            "EDGE_USER": pwd.getpwuid(os.geteuid()).pw_name,
        }
        made = Edge(tmp_path, variables, https, http, port, agent)
        try:
            yield made
        finally:
            for child in reversed(made.children):
                kill(child)

"""The real web server on the measured database, and a visitor who speaks HTTP to it."""

import gzip
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60
DEPLOYED = "config.wsgi:application"
SECRET_KEY = "only-for-this-measurement"


@dataclass(frozen=True)
class Answer:
    """One response; `seconds` from the first byte sent to the last received."""

    status: int
    headers: dict[str, str]
    sent: bytes
    seconds: float

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.sent) if self.headers.get("content-encoding") == "gzip" else self.sent


@dataclass
class Visitor:
    """A browser's habits without the browser: one kept connection, cookies by host."""

    port: int
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def get(self, host: str, path: str, **headers: str) -> Answer:
        return self._ask("GET", host, path, None, headers)

    def post(self, host: str, path: str, fields: dict[str, str]) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{host}:{self.port}",
        }
        return self._ask("POST", host, path, urlencode(fields).encode(), headers)

    def post_body(self, host: str, path: str, body: bytes, **headers: str) -> Answer:
        """A POST of whatever it is, as programs send it."""
        return self._ask("POST", host, path, body, headers)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, host: str, path: str, body: bytes | None, more: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._connection.connect()
        kept = self.cookies.setdefault(host, {})
        cookies = {"Cookie": "; ".join(f"{k}={v}" for k, v in kept.items())} if kept else {}
        headers = {"Host": f"{host}:{self.port}", "Accept-Encoding": "gzip", **cookies, **more}
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        sent = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie", []):
            kept.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, sent, seconds)


@contextmanager
def web(application: str = DEPLOYED, *, workers: int = 2) -> Iterator[int]:
    """The port of a running server, started as the Procfile does, with hashed and compressed static files."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as folder:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
            "PORT": str(port),
            "PORTICO_HOST": "localhost",
            "PORTICO_SCHEME": "http",
            "PORTICO_DEMO": "1",
            "STATIC_ROOT": f"{folder}/static",
            "SECRET_KEY": SECRET_KEY,
            "LOG_LEVEL": "ERROR",
        }
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
        command += ["--blocking-threads", "4", "--no-ws", "--log-level", "error", application]
        child = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        try:
            _wait_until_ready(port, child)
            yield port
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(10)


def _wait_until_ready(port: int, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and child.poll() is None:
        try:
            if Visitor(port).get("localhost", "/health/").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

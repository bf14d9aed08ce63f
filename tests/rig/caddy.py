"""Another ACME server than Pebble: the one in Caddy (smallstep's), which only ever asks port 80.

So it lives in network and mount namespaces of its own, where port 80 is free for everybody and /etc/hosts is ours;
unix sockets lead in and out. That needs a kernel that lets anybody make namespaces.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from infra.embedded import minting
from infra.embedded.processes import end, end_with_parent

START_SECONDS = 20
# In the namespaces: the loopback up, names to it, then Caddy in our place.
INSIDE = """
import fcntl, os, socket, struct, subprocess, sys
hosts, config = sys.argv[1:]
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
os.execvp("caddy", ["caddy", "run", "--config", config])
"""


class Relay:
    """Connections to one address are led to another; addresses are (host, port) or a path."""

    def __init__(self, at: tuple[str, int] | str, to: tuple[str, int] | str) -> None:
        self.to = to
        self.server = socket.socket(socket.AF_UNIX if isinstance(at, str) else socket.AF_INET)
        self.server.bind(at)
        self.server.listen(64)
        self.at = self.server.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Take no more."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX if isinstance(self.to, str) else socket.AF_INET)
            try:
                far.connect(self.to)
            except OSError:
                near.close()
                continue
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=ends, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65_536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()


class CaddyCa:
    """Caddy's ACME server while inside; it finds `names` at the site on `http_port`."""

    def __init__(self, http_port: int, names: list[str]) -> None:
        # A unix socket's path is short.
        self.folder = Path(tempfile.mkdtemp(prefix="caddy-ca-"))
        self.http_port, self.names = http_port, names
        self.relays: list[Relay] = []
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def directory(self) -> str:
        """What a client calls ACME_DIRECTORY."""
        return f"https://localhost:{self.relays[0].at[1]}/acme/local/directory"

    @property
    def ca_file(self) -> Path:
        """What a client must trust to speak to it."""
        return self.folder / "listener-ca.pem"

    @staticmethod
    def is_possible() -> bool:
        """Whether this kernel lets us make namespaces (a hardened one, or a container's, may not)."""
        words = ["unshare", "--map-root-user", "--net", "--mount", "true"]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def __enter__(self) -> Self:
        inside, site = str(self.folder / "acme.sock"), str(self.folder / "site.sock")
        self.relays = [Relay(("127.0.0.1", 0), inside), Relay(site, ("127.0.0.1", self.http_port))]
        root = minting.authority("Caddy's listener")
        own = minting.leaf(root, "localhost")
        for name, content in (("ca", root.pem), ("own", own.pem), ("key", own.key_pem)):
            (self.folder / f"listener-{name}.pem").write_bytes(content)
        (self.folder / "hosts").write_text("127.0.0.1 " + " ".join(["localhost", *self.names]) + "\n")
        (self.folder / "caddy.json").write_text(json.dumps(self._settings(inside, site)))
        self._launch(inside)
        return self

    def __exit__(self, *_: object) -> None:
        for relay in self.relays:
            relay.stop()
        if self.server:
            end(self.server, signal.SIGTERM, 3)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self, inside: str) -> None:
        program = [sys.executable, "-c", INSIDE, str(self.folder / "hosts"), str(self.folder / "caddy.json")]
        with (self.folder / "log").open("wb") as log:
            self.server = subprocess.Popen(
                ["unshare", "--map-root-user", "--net", "--mount", *program],
                env={**os.environ, "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
        began = time.monotonic()
        while not Path(inside).exists():
            said = (self.folder / "log").read_text(errors="replace")[-1500:]
            assert self.server.poll() is None, f"Caddy in its namespaces did not start:\n{said}"
            assert time.monotonic() - began < START_SECONDS, said
            time.sleep(0.05)

    def _settings(self, inside: str, site: str) -> dict[str, object]:
        pair = {
            "certificate": str(self.folder / "listener-own.pem"),
            "key": str(self.folder / "listener-key.pem"),
        }
        out = {"handler": "reverse_proxy", "upstreams": [{"dial": f"unix/{site}"}]}
        off = {"automatic_https": {"disable": True}}
        servers = {
            "acme": {
                **off,
                "listen": [f"unix/{inside}"],
                "tls_connection_policies": [{}],
                "routes": [{"handle": [{"handler": "acme_server"}]}],
            },
            "names": {**off, "listen": ["127.0.0.1:80"], "routes": [{"handle": [out]}]},
        }
        return {
            "admin": {"disabled": True},
            "storage": {"module": "file_system", "root": str(self.folder / "store")},
            "apps": {
                "pki": {"certificate_authorities": {"local": {"install_trust": False}}},
                "tls": {"certificates": {"load_files": [pair]}},
                "http": {"servers": servers},
            },
        }

"""Let's Encrypt's small ACME server on the loopback, for demo and tests: Debian's `pebble`.

It keeps everything in memory: after a restart its root, its accounts and its orders are other ones.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from infra.embedded import minting
from infra.embedded.processes import Failed, end, end_with_parent, free_port

START_SECONDS = 15
STOP_SECONDS = 3
LISTENER = "127.0.0.1"
# Part of all nonces that it refuses although they are good (percent), so that clients learn to try again.
REFUSED_NONCES = "5"


class Pebble:
    """One ACME server; a context that runs while inside.

    Challenges are validated through the DNS server `dns` (address:port) at `http_port`; certificates live
    `validity_seconds`. `eab` maps key ids to base64url keys: accounts then need one of them. `blocked`
    names are refused with rejectedIdentifier. `strict` refuses what coming servers will refuse.
    """

    def __init__(
        self,
        folder: Path,
        dns: str = "127.0.0.1:5353",
        *,
        http_port: int = 80,
        tls_port: int = 0,
        port: int = 0,
        eab: Mapping[str, str] | None = None,
        validity_seconds: int = 90 * 86_400,
        blocked: tuple[str, ...] = (),
        strict: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.dns, self.http_port, self.tls_port = dns, http_port, tls_port
        self.port, self.management_port = port, 0
        self.eab, self.validity_seconds, self.blocked = dict(eab or {}), validity_seconds, blocked
        self.strict, self.more = strict, dict(environment or {})
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def directory(self) -> str:
        """What a client calls ACME_DIRECTORY."""
        return f"https://{LISTENER}:{self.port}/dir"

    @property
    def ca_file(self) -> Path:
        """What a client must trust to speak to it (ACME_CA_FILE); has nothing to do with what it issues."""
        return self.folder / "listener-ca.pem"

    @property
    def log(self) -> Path:
        """Where it writes what it does."""
        return self.folder / "pebble.log"

    def root_pem(self) -> bytes:
        """The root of what it issues since its start, for browsers to trust."""
        return self._ask(f"https://{LISTENER}:{self.management_port}/roots/0")

    def start(self) -> Self:
        """Starts it; returns when it answers. Raises Failed, also when this machine has no pebble."""
        program = shutil.which("pebble")
        if program is None:
            raise Failed(
                "No pebble found, the ACME server for demo and tests. Debian: apt-get install pebble,\n"
                'or without root: PATH="$PATH:$(./bin/programs pebble)".'
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.management_port = self.port or free_port(), free_port()
        self._write_listener()
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": self._settings()}, indent=2))
        with self.log.open("wb") as log:
            self.server = subprocess.Popen(
                [program, "-config", "pebble.json", "-dnsserver", self.dns, f"-strict={self.strict}".lower()],
                cwd=self.folder,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
        self._wait()
        return self

    def stop(self) -> None:
        """Ends it; a second time does nothing."""
        if self.server:
            end(self.server, signal.SIGTERM, STOP_SECONDS)
            self.server = None

    def freeze(self) -> None:
        """Makes it hang: connections are taken, nothing is answered."""
        assert self.server
        self.server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Goes on where `freeze` stopped it."""
        assert self.server
        self.server.send_signal(signal.SIGCONT)

    def _settings(self) -> dict[str, object]:
        return {
            "listenAddress": f"{LISTENER}:{self.port}",
            "managementListenAddress": f"{LISTENER}:{self.management_port}",
            "certificate": "listener.pem",
            "privateKey": "listener.key",
            "httpPort": self.http_port,
            "tlsPort": self.tls_port or self.http_port,
            "ocspResponderURL": "",
            "certificateValidityPeriod": self.validity_seconds,
            "externalAccountBindingRequired": bool(self.eab),
            "externalAccountMACKeys": self.eab,
            "domainBlocklist": list(self.blocked),
        }

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PEBBLE_VA_NOSLEEP": "1",
            "PEBBLE_WFE_NONCEREJECT": REFUSED_NONCES,
            "PEBBLE_AUTHZREUSE": "0",
            **self.more,
        }

    def _write_listener(self) -> None:
        # Kept over restarts: a client that read the file once goes on trusting it.
        if self.ca_file.exists() and (self.folder / "listener.key").exists():
            return
        root = minting.authority("Portico's loopback listeners")
        own = minting.leaf(root, "localhost", LISTENER, life=minting.YEARS)
        for name, content in (("listener.pem", own.pem), ("listener.key", own.key_pem)):
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_bytes(content)
        self.ca_file.write_bytes(root.pem)

    def _wait(self) -> None:
        began = time.monotonic()
        while True:
            assert self.server
            try:
                self._ask(self.directory)
                return
            except (OSError, urllib.error.URLError):
                if self.server.poll() is not None or time.monotonic() - began > START_SECONDS:
                    self.stop()
                    words = self.log.read_text(errors="replace")[-2000:]
                    raise Failed(f"pebble did not start. The end of {self.log}:\n{words}") from None
                time.sleep(0.02)

    def _ask(self, url: str) -> bytes:
        trust = ssl.create_default_context(cafile=str(self.ca_file))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        with opener.open(url, timeout=2) as answer:
            content: bytes = answer.read()
        return content

"""Custom domains in the demo: a name server with its page, an ACME server, and the edge that serves what it issues."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.dns import serve
from infra.embedded.dns_page import EDGE_ADDRESS, FIRST_DOMAIN
from infra.embedded.pebble import Pebble
from infra.embedded.processes import free_port
from infra.embedded.supervisor import Supervisor

# Beside the platform's own port: 8000 → 8053, 8080, 8443, after the numbers people know.
DNS_PAGE_OFFSET, HTTP_OFFSET, HTTPS_OFFSET = 53, 80, 443
CAA = "demo-ca.localhost"
START_SECONDS = 20


@dataclass(frozen=True)
class DemoDomains:
    """Where the parts answer; `root` is the file that browsers are to trust, another one at every start."""

    acme: str
    dns_page: int
    edge_http: int
    edge_https: int
    root: Path

    def describe(self) -> dict[str, str]:
        """For var/demo.json."""
        page = f"http://localhost:{self.dns_page}/"
        return {
            "dns": page,
            "dns_json": f"{page}dns.json",
            "edge": f"{EDGE_ADDRESS}:{self.edge_https}",
            "ca_file": str(self.root),
            "acme": self.acme,
            "example": f"https://portal.{FIRST_DOMAIN}:{self.edge_https}/",
        }


def why_not(given: dict[str, str]) -> str:
    """Why the demo starts none of this, in words; empty: it does."""
    if given.get("ACME_DIRECTORY"):
        return "Custom domains: ACME_DIRECTORY is yours, so DNS and edge are, too."
    if shutil.which("pebble") is None:
        return "Custom domains are off: there is no ACME server (see above). Everything else works."
    return ""


def start(supervisor: Supervisor, var: Path, port: int) -> DemoDomains:
    """Starts name server and ACME server and tells the platform's programs of them. Raises Failed."""
    with serve() as free:  # one number that is free for UDP and TCP
        dns_port = free.port
    page, http, https = (
        free_port(port + offset if port + offset < 65536 else 0)
        for offset in (DNS_PAGE_OFFSET, HTTP_OFFSET, HTTPS_OFFSET)
    )
    pebble = Pebble(var / "pebble", f"127.0.0.1:{dns_port}", http_port=http)
    supervisor.at_the_end(pebble.stop)
    pebble.start()
    root = var / "demo-ca.pem"
    root.write_bytes(pebble.root_pem())
    zone = supervisor.environment.get("EDGE_ZONE") or f"to.{supervisor.environment['PORTICO_HOST']}"
    supervisor.environment.update(
        ACME_DIRECTORY=pebble.directory,
        ACME_CA_FILE=str(pebble.ca_file),
        ACME_CAA=CAA,
        EDGE_ZONE=zone,
        EDGE_IPV4=EDGE_ADDRESS,
        EDGE_HTTPS_PORT=str(https),
        DNS_RESOLVERS=f"127.0.0.1:{dns_port}",
        DNS_PORT=str(dns_port),
        CERTIFICATE_KEYS=certificate_key(var / "certificate_key"),
    )
    words = ["--dns-port", str(dns_port), "--http-port", str(page), "--platform", zone, "--caa", CAA]
    supervisor.start("dns", [sys.executable, "-m", "infra.embedded.dns_page", str(var / "dns.json"), *words])
    supervisor.wait_until(lambda: listens(page) and listens(dns_port), "dns", START_SECONDS)
    return DemoDomains(pebble.directory, page, http, https, root)


def start_edge(supervisor: Supervisor, domains: DemoDomains) -> None:
    """Starts what serves custom domains; needs the database. What an earlier demo's CA issued is issued anew."""
    manage = [sys.executable, "manage.py"]
    supervisor.run("reissue", [*manage, "reissue", "--not-from", domains.acme])
    ports = ["--https", str(domains.edge_https), "--http", str(domains.edge_http)]
    supervisor.start("edge", [*manage, "edge", *ports])
    supervisor.wait_until(
        lambda: listens(domains.edge_https) and listens(domains.edge_http), "edge", START_SECONDS
    )


def certificate_key(path: Path) -> str:
    """The demo's own key for private keys at rest: made once, so that certificates outlive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
    if not path.read_text().strip():
        path.write_text(f"demo:{base64.b64encode(os.urandom(32)).decode()}\n")
    return path.read_text().strip()


def listens(port: int) -> bool:
    """Whether somebody takes connections on that port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def how_to_trust(root: Path) -> list[str]:
    """Lines for the person at the screen: browsers know nothing of the demo's certificate authority."""
    where = os.path.relpath(root)
    return [
        f"For a green lock trust {where} (a new one at every start), or click through the browser's warning:",
        "  Chromium:  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n portico-demo -i " + where,
        "  macOS:     security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db "
        + where,
        "  Firefox:   Settings › Privacy & Security › View Certificates › Authorities › Import",
        f"  curl:      curl --cacert {where} …",
    ]

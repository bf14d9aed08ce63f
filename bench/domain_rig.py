"""What surrounds custom domains while they are measured: three name servers, Pebble, an edge and a worker, all real."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bench.processes import program, until
from bench.server import ROOT
from infra.embedded.demo_domains import CAA, listens
from infra.embedded.dns import Zones, serve
from infra.embedded.pebble import Pebble
from infra.embedded.processes import free_port

ADDRESS, LAGGING, RESOLVER = "127.0.0.1", "127.0.0.2", "127.0.0.3"
ELSEWHERE = "203.0.113.5"


@dataclass(frozen=True)
class Rig:
    """Two name servers of every zone (`ns1`, `ns2`), a public resolver, and where the edge answers."""

    ns1: Zones
    ns2: Zones
    resolver: Zones
    pebble: Pebble
    https: int

    def zone(self, apex: str) -> None:
        """A zone on both name servers, known to the resolver."""
        for zones in (self.ns1, self.ns2, self.resolver):
            zones.add_zone(apex, {f"ns1.{apex}": ADDRESS, f"ns2.{apex}": LAGGING})

    def say(self, name: str, *records: tuple[str, str]) -> None:
        """These are the records of a name, everywhere."""
        for zones in (self.ns1, self.ns2, self.resolver):
            zones.set(name, *records)

    def fail(self, name: str, how: str) -> None:
        """Everybody misbehaves for this name."""
        for zones in (self.ns1, self.ns2, self.resolver):
            zones.fail(name, how)

    def orders(self) -> int:
        """How many orders the certificate authority has been asked for."""
        return self.pebble.log.read_text(errors="replace").count("POST /order-plz")


@contextmanager
def running(folder: Path) -> Iterator[Rig]:
    """Everything started, the settings of this process and of its children included."""
    ns1, ns2, resolver = Zones(), Zones(), Zones()
    with ExitStack() as stack:
        first = stack.enter_context(serve(ADDRESS, 0, ns1))
        for address, zones in ((LAGGING, ns2), (RESOLVER, resolver)):
            stack.enter_context(serve(address, first.port, zones))
        http, https = free_port(), free_port()
        pebble = stack.enter_context(Pebble(folder / "pebble", f"{RESOLVER}:{first.port}", http_port=http))
        children = {**_tell(pebble, first.port, https), "STATIC_ROOT": str(folder / "static")}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=children, check=True)
        ports = ["--https", str(https), "--http", str(http)]
        for name, words in (("edge", ["edge", *ports]), ("worker", ["worker"])):
            command = [sys.executable, "manage.py", *words]
            stack.enter_context(program(name, command, children, folder))
        until(lambda: listens(https) and listens(http), 60, "the edge listens")
        rig = Rig(ns1, ns2, resolver, pebble, https)
        rig.zone(settings.EDGE_ZONE)
        rig.say(f"*.{settings.EDGE_ZONE}", ("A", ADDRESS), ("CAA", f'0 issue "{CAA}"'))
        yield rig


def _tell(pebble: Pebble, dns_port: int, https: int) -> dict[str, str]:
    """Sets the settings here; returns the environment of children."""
    told = {
        "ACME_DIRECTORY": pebble.directory,
        "ACME_CA_FILE": str(pebble.ca_file),
        "ACME_CAA": [CAA],
        "EDGE_IPV4": [ADDRESS],
        "EDGE_HTTPS_PORT": https,
        "EDGE_PORT_SUFFIX": f":{https}",
        "DNS_RESOLVERS": [f"{RESOLVER}:{dns_port}"],
        "DNS_PORT": dns_port,
        "CERTIFICATE_KEYS": [f"bench:{base64.b64encode(os.urandom(32)).decode()}"],
    }
    for name, value in told.items():
        setattr(settings, name, value)
    words = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in told.items()}
    return {**os.environ, **words, "LOG_LEVEL": "WARNING"}

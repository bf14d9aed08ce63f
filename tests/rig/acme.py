"""A certificate authority with everything it looks at: DNS, and the platform that answers its questions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from infra.embedded import dns
from infra.embedded.pebble import Pebble
from infra.embedded.processes import free_port


@dataclass
class Grounds:
    """What outlives a test: DNS, Pebble and the port where Pebble asks."""

    zones: dns.Zones
    server: dns.DnsServer
    pebble: Pebble
    http_port: int = field(default=0)

    @property
    def dns(self) -> str:
        """Where Pebble asks for names."""
        return f"127.0.0.1:{self.server.port}"


@contextmanager
def grounds(folder: Path, **more: Any) -> Iterator[Grounds]:
    """DNS and a Pebble that looks names up there; every name is unknown at first."""
    zones, port = dns.Zones(), free_port()
    with (
        dns.serve("127.0.0.1", 0, zones) as server,
        Pebble(folder, f"127.0.0.1:{server.port}", http_port=port, **more) as pebble,
    ):
        yield Grounds(zones, server, pebble, port)


def use(directory: str, ca_file: Path, **more: object) -> None:
    """This CA is the one we order from; call it with pytest-django's `settings` in force."""
    settings.ACME_DIRECTORY, settings.ACME_CA_FILE = directory, str(ca_file)
    for name, value in more.items():
        setattr(settings, name, value)

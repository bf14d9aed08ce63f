"""Real name servers for a sending domain, and what a test changes in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from infra.embedded.dns import Zones, serve
from infra.embedded.processes import free_port
from portal.sender.models import SenderDomain
from portal.sender.records import wanted

ZONE = "agency.test"
SERVER = "127.0.0.2"
RESOLVER = "127.0.0.1"


class Names:
    """The zone's own server and a public resolver."""

    def __init__(self, zones: list[Zones]) -> None:
        self.zones = zones

    def publish(self, name: str, *records: tuple[str, str]) -> None:
        """The same at both."""
        for zones in self.zones:
            zones.set(name, *records, ttl=1)

    def fail(self, name: str, how: str) -> None:
        for zones in self.zones:
            zones.fail(name, how)

    def publish_all(self, domain: SenderDomain, *, but: str = "") -> None:
        """Whatever the page asks for, as somebody copies it."""
        by_name: dict[str, list[tuple[str, str]]] = {}
        for record in wanted(domain):
            values = by_name.setdefault(record.name, [])
            if record.key != but:
                values.append((record.kind, record.value))
        for name, values in by_name.items():
            self.publish(name, *values)


@contextmanager
def name_servers(settings: Any) -> Iterator[Names]:
    """The servers, and the settings that lead there."""
    port = free_port()
    with serve(SERVER, port, Zones()) as own, serve(RESOLVER, port, Zones()) as public:
        names = Names([own.zones, public.zones])
        for zones in names.zones:
            zones.add_zone(ZONE, {f"ns1.{ZONE}": SERVER})
        settings.DNS_PORT, settings.DNS_RESOLVERS = port, [f"{RESOLVER}:{port}"]
        yield names

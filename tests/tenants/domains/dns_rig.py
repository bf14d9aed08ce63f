"""Four real name servers on loopback: two of the agency's zone, two public resolvers; they may disagree."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from infra.embedded.dns import DnsServer, Zones, serve
from infra.embedded.processes import free_port
from tenants.domains.diagnosis import Report, diagnose

HOST = "portal.agency.test"
ZONE = "agency.test"
EDGE, EDGE_6 = "127.0.0.9", "fd00::9"
TARGET = "key7.to.portico.test"
OTHERS_TARGET = "other8.to.portico.test"
PROOF = "pv1-the-token"
SERVERS = {"ns1.agency.test": "127.0.0.2", "ns2.agency.test": "127.0.0.3"}
RESOLVERS = ("127.0.0.1", "127.0.0.4")


class Rig:
    """The servers. `source`: the zone's own two; `caches`: the resolvers."""

    def __init__(self, servers: list[DnsServer]) -> None:
        self.servers = servers
        self.source = [server.zones for server in servers[:2]]
        self.caches = [server.zones for server in servers[2:]]

    @property
    def everywhere(self) -> list[Zones]:
        """All four."""
        return [*self.source, *self.caches]

    def publish(self, name: str, *records: tuple[str, str], ttl: int = 1) -> None:
        """The same records at every server."""
        for zones in self.everywhere:
            zones.set(name, *records, ttl=ttl)

    def fail(self, name: str, how: str, **more: Any) -> None:
        """The same misbehaviour at every server."""
        for zones in self.everywhere:
            zones.fail(name, how, **more)

    def look(self, host: str = HOST) -> Report:
        """A diagnosis; it survives its JSON column."""
        report = diagnose(host, target=TARGET, proof=PROOF)
        assert Report.from_json(report.to_json()) == report
        return report


@contextmanager
def running(settings: Any) -> Iterator[Rig]:
    """The rig, with the settings that lead there."""
    with ExitStack() as stack:
        port = free_port()
        servers = [stack.enter_context(serve(at, port, Zones())) for at in (*SERVERS.values(), *RESOLVERS)]
        rig = Rig(servers)
        for zones in rig.everywhere:
            zones.add_zone(ZONE, SERVERS)
        for zones in rig.caches:
            zones.add_zone("to.portico.test")
            zones.set(
                "*.to.portico.test", ("A", EDGE), ("AAAA", EDGE_6), ("CAA", '0 issue "letsencrypt.org"')
            )
        settings.DNS_PORT = port
        settings.DNS_RESOLVERS = [f"{address}:{port}" for address in RESOLVERS]
        settings.EDGE_ZONE, settings.EDGE_IPV4, settings.EDGE_IPV6 = "to.portico.test", [EDGE], [EDGE_6]
        settings.ACME_CAA = ["letsencrypt.org"]
        yield rig

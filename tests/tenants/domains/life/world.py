"""Where the tests of a claim's life happen: real DNS on the loopback, and a certificate authority and an edge
that do as the test says. `test_real_authority.py` has the real ones."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from infra.embedded.dns import DnsServer, Zones, serve
from kit import clock
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency, AgencyState
from tenants.certificates import bundles, issuing, probing
from tenants.certificates.models import Bundle
from tenants.domains import claiming, steps, targets
from tenants.domains.models import Domain
from tenants.plans import Plan

OURS, ELSEWHERE = "127.0.0.1", "203.0.113.77"
HOST = "portal.agency.test"


@dataclass
class Ca:
    """Gives a certificate for every name, unless there is something left that it `says`.

    `meanwhile` happens, once, while it works on the next order.
    """

    orders: list[str] = field(default_factory=list)
    says: list[Exception] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None

    def issue(self, host: str, *, replaces: str = "") -> Bundle:
        self.orders.append(host)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        if self.says:
            raise self.says.pop(0)
        chain, key = self_signed(host)
        return bundles.store(host, chain, key)


@dataclass
class World:
    """One DNS for everybody; who asks what and who owns what is up to the test."""

    zones: Zones
    ca: Ca
    is_served: bool = True

    def cname(self, host: str, agency: CurrentAgency) -> None:
        """Whoever runs the DNS sets the CNAME that this agency's page shows."""
        self.zones.set(host, ("CNAME", targets.of(agency.id)))

    def address(self, host: str, address: str = OURS) -> None:
        self.zones.set(host, ("A", address))

    def txt(self, *claims: Domain) -> None:
        """Whoever runs the DNS sets the TXT records of these claims, and no others."""
        self.zones.set(claims[0].proof_host, *[("TXT", claim.proof) for claim in claims])

    def is_down(self) -> None:
        self.zones.fail("*", "SERVFAIL")

    def is_up(self) -> None:
        self.zones.fail("*", "")


@contextmanager
def world_at(server: DnsServer, zones: Zones) -> Iterator[World]:
    """Settings and doubles for a running DNS server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dns_settings(server).items():
            patch.setattr(settings, name, value)
        world = World(zones, Ca())
        patch.setattr(issuing, "issue", world.ca.issue)
        patch.setattr(probing, "serves", lambda host, serial: world.is_served)
        patch.setattr(steps, "PROBE_PAUSES", (0.0,))
        yield world


def dns_settings(server: DnsServer) -> dict[str, object]:
    return {
        "EDGE_ZONE": "to.portico.test",
        "EDGE_IPV4": [OURS],
        "EDGE_IPV6": [],
        "DNS_RESOLVERS": [f"127.0.0.1:{server.port}"],
        "DNS_PORT": server.port,
        "ACME_DIRECTORY": "https://ca.test/directory",
        "ACME_CAA": ["ca.test"],
        "CERTIFICATE_KEYS": ["first:" + base64.b64encode(b"k" * 32).decode()],
    }


def zones_into(zones: Zones) -> Zones:
    """The customer's zone and ours, with nothing in the customer's."""
    zones.remove_zone("agency.test")
    zones.add_zone("agency.test", {"ns1.agency.test": "127.0.0.1"})
    zones.add_zone("portico.test", {"ns1.portico.test": "127.0.0.1"})
    zones.set("*.to.portico.test", ("A", OURS), ("CAA", '0 issue "ca.test"'))
    return zones


@contextmanager
def running_world() -> Iterator[World]:
    zones = zones_into(Zones())
    with serve("127.0.0.1", 0, zones) as server, world_at(server, zones) as world:
        yield world


def claim(agency: CurrentAgency, host: str = HOST) -> Domain:
    return claiming.claim(agency.id, host, by=f"owner@{agency.slug}.example")


def step(domain: Domain, *, asked: bool = True) -> Domain:
    return steps.step(domain.pk, asked=asked)


def fresh(domain: Domain) -> Domain:
    return Domain.objects.get(pk=domain.pk)


def live(world: World, agency: CurrentAgency, host: str = HOST) -> Domain:
    """A claim that got through: active, by its own CNAME."""
    domain = claim(agency, host)
    world.cname(host, agency)
    domain = step(domain)
    assert domain.state == "active", (domain.state, domain.report)
    return domain


def kinds(domain: Domain) -> list[str]:
    """The timeline, oldest first, without mails."""
    return [event.kind for event in reversed(domain.events.all()) if event.kind != "told"]


def put(
    agency: CurrentAgency, *, plan: Plan | None = None, state: AgencyState | None = None
) -> CurrentAgency:
    """The agency on another plan or in another state."""
    row: Agency = Agency.objects.get(pk=agency.id)
    row.plan, row.state = plan or row.plan, state or row.state
    row.save(update_fields=["plan", "state"])
    return row.current()


def self_signed(host: str, days: int = 90) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:60])])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now())
        .not_valid_after(clock.now() + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return built.public_bytes(serialization.Encoding.PEM), secret


def waits_for_txt(domain: Domain, reason: str) -> bool:
    """Whether the claim still waits, and for this reason needs the TXT record."""
    return (domain.state, domain.txt_reason) == ("pending_dns", reason)


def seconds_until(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - clock.now()).total_seconds()

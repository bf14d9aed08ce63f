"""The DNS records that a claim needs, as one types them into a provider's form."""

from dataclasses import dataclass

from django.conf import settings
from publicsuffixlist import PublicSuffixList

from tenants.domains.models import Domain


@dataclass(frozen=True)
class WantedRecord:
    """One record to add. `short` is its name as most providers want it: without the zone, "@" for the zone."""

    type: str
    name: str
    short: str
    value: str
    why: str = ""
    is_there: bool | None = None


@dataclass(frozen=True)
class Way:
    """Records that belong together. With more than one way, any one of them will do."""

    title: str
    note: str
    records: tuple[WantedRecord, ...]


_suffixes = PublicSuffixList()


def zone_of(host: str, found: str = "") -> str:
    """The zone in which the records are added: the one that was found, else the registered domain."""
    if found and (host == found or host.endswith("." + found)):
        return found
    return str(_suffixes.privatesuffix(host) or ".".join(host.split(".")[-2:]))


def short_name(name: str, zone: str) -> str:
    """A name within its zone.

    >>> short_name("portal.northwind.com", "northwind.com")
    'portal'
    """
    return "@" if name == zone else name.removesuffix("." + zone)


def ways_of(host: str, target: str, *, zone: str, leads_here: bool | None = None) -> list[Way]:
    """How the name can be led to us: one way for a name inside a zone, two for the zone's own name.

    A zone's own name can hold no CNAME (RFC 1034 §3.6.2).
    """
    short = short_name(host, zone)
    if host != zone:
        record = WantedRecord("CNAME", host, short, target, is_there=leads_here)
        return [Way("", "", (record,))]
    alias = WantedRecord("ALIAS", host, short, target, is_there=leads_here)
    ways = [Way("With an ALIAS record", "Some providers call it ANAME or “flattened CNAME”.", (alias,))]
    addresses = [("A", one) for one in settings.EDGE_IPV4] + [("AAAA", one) for one in settings.EDGE_IPV6]
    if addresses:
        rows = tuple(WantedRecord(kind, host, short, one, is_there=leads_here) for kind, one in addresses)
        ways.append(Way("Or with address records", "If your provider has no ALIAS.", rows))
    return ways


def proof_of(domain: Domain, *, zone: str, why: str, is_there: bool | None = None) -> WantedRecord:
    """The TXT record that shows whose the name is."""
    name = domain.proof_host
    return WantedRecord("TXT", name, short_name(name, zone), str(domain.proof), why, is_there)

"""From what one server answered about a host to a verdict, and from all verdicts to where the name stands."""

import ipaddress
from collections.abc import Sequence

from django.conf import settings

from tenants.domains import providers
from tenants.domains.report import Seen

# A server's verdicts that lead here, best first.
GOOD = ("cname", "chain", "alias")
# Some of it is ours, wherever the rest leads.
OURS = (*GOOD, "other_target", "mixed")
FAILED = "failed"
# What a source that does not lead here is called; the first that any of its servers shows.
WRONG = {
    "appended": "cname_appended_zone",
    "other_target": "cname_elsewhere",
    "loop": "cname_chain",
    "proxied": "cloudflare_proxied",
    "cname_elsewhere": "cname_elsewhere",
    "mixed": "a_mixed",
    "elsewhere": "a_elsewhere",
    "no_record": "no_record",
}


def verdict(rcode: str, chain: Sequence[str], addresses: Sequence[str], *, is_loop: bool, target: str) -> str:
    """One server's answer in one word: of GOOD, a key of WRONG, or FAILED."""
    if is_loop:
        return "loop"
    if rcode not in ("NOERROR", "NXDOMAIN"):
        return FAILED
    return _of_chain(chain, addresses, target) if chain else _of_addresses(addresses)


def _of_chain(chain: Sequence[str], addresses: Sequence[str], target: str) -> str:
    if target in chain:
        return "cname" if chain[0] == target else "chain"
    if any(name.startswith(f"{target}.") for name in chain):
        return "appended"
    if any(name.endswith(f".{settings.EDGE_ZONE}") for name in chain):
        return "other_target"
    found = _of_addresses(addresses)
    if found in ("alias", "mixed"):
        return found
    is_proxy = chain[0].endswith(".cdn.cloudflare.net")
    return "proxied" if is_proxy else "cname_elsewhere"


def _of_addresses(addresses: Sequence[str]) -> str:
    four = {address for address in addresses if ":" not in address} or set(addresses)
    if not four:
        return "no_record"
    ours = four & our_addresses()
    if ours:
        return "alias" if ours == four else "mixed"
    return "proxied" if all(map(providers.is_cloudflare, four)) else "elsewhere"


def our_addresses() -> set[str]:
    """The edges' addresses, IPv4 and IPv6."""
    return {str(ipaddress.ip_address(address)) for address in (*settings.EDGE_IPV4, *settings.EDGE_IPV6)}


def strangers(addresses: Sequence[str]) -> list[str]:
    """IPv6 addresses that are not the edges': a certificate authority goes there first (RFC 6724)."""
    return sorted({address for address in addresses if ":" in address} - our_addresses())


def routing(servers: Sequence[Seen], *, is_missing: bool) -> str:
    """Where the name stands, the zone's own servers counting before caches.

    One of: cname, chain, alias (leads here); propagating, partial; dns_down (nobody could be asked, which says
    nothing); no_zone; or a value of WRONG.
    """
    if is_missing:
        return "no_zone"
    source = [seen.verdict for seen in servers if seen.is_authoritative and seen.verdict != FAILED]
    caches = [seen.verdict for seen in servers if not seen.is_authoritative and seen.verdict != FAILED]
    if not source or not caches:
        return "dns_down" if not source or all(found in GOOD for found in source) else _wrong(source)
    if all(found in GOOD for found in source):
        if all(found in GOOD for found in caches):
            return max(source, key=GOOD.index)
        return "propagating"
    return "partial" if any(found in GOOD for found in source) else _wrong(source)


def _wrong(verdicts: Sequence[str]) -> str:
    return next(code for found, code in WRONG.items() if found in verdicts)

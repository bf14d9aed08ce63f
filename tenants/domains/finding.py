"""Which zone a name is in, and the name servers that speak for it."""

import asyncio
import ipaddress
from dataclasses import dataclass

from django.conf import settings

from tenants.domains.answers import Reply, Server
from tenants.domains.asking import Asker
from tenants.domains.names import registered_domain

MOST_SERVERS = 8
# Names above the host that are tried for a zone of their own; a deeper host is looked up from its last ones.
MOST_NAMES = 8


@dataclass(frozen=True)
class Zone:
    """The zone a name is in. `apex` is "" when it was not found; `is_missing` when it surely does not exist."""

    apex: str = ""
    is_missing: bool = False
    name_servers: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()


def resolvers() -> list[Server]:
    """The public resolvers of this installation (settings.DNS_RESOLVERS)."""
    return [_server(text) for text in settings.DNS_RESOLVERS]


async def find_zone(asker: Asker, host: str) -> Zone:
    """The zone of a host by the SOA records above it, with its name servers' addresses."""
    names = _candidates(host)
    replies = await asyncio.gather(*[asker.all(resolvers(), name, "SOA") for name in names])
    apex = next(
        (owner for name, of_name in zip(names, replies, strict=True) if (owner := _zone(name, of_name))), ""
    )
    if not apex:
        answers = [reply for reply in replies[-1] if reply.is_answer]
        return Zone(is_missing=bool(answers) and all(reply.rcode == "NXDOMAIN" for reply in answers))
    name_servers = (await asker.first(resolvers(), apex, "NS")).texts()[:MOST_SERVERS]
    found = await asyncio.gather(*[_addresses(asker, name) for name in name_servers])
    servers = {server.address: server for of_name in found for server in of_name}
    return Zone(apex, False, tuple(name_servers), tuple(servers.values())[:MOST_SERVERS])


def _candidates(host: str) -> list[str]:
    """The host, then what is above it, down to the registered domain."""
    labels, least = host.split("."), registered_domain(host).count(".") + 1
    names = [".".join(labels[count:]) for count in range(len(labels) - least + 1)]
    return names[:1] + names[1:][-MOST_NAMES:]


def _zone(name: str, replies: list[Reply]) -> str:
    """The zone that the resolvers name for this name, "" if they name none.

    An alias tells of its target's zone, and NXDOMAIN for a registered domain of the registry's: neither counts.
    """
    bought = registered_domain(name)
    for reply in replies:
        if not reply.is_answer or reply.chain or not reply.soa_owner:
            continue
        is_below = reply.soa_owner == bought or reply.soa_owner.endswith(f".{bought}")
        if is_below or (name == bought and reply.rcode == "NOERROR"):
            return reply.soa_owner
    return ""


async def _addresses(asker: Asker, name: str) -> list[Server]:
    four, six = await asyncio.gather(*[asker.first(resolvers(), name, kind) for kind in ("A", "AAAA")])
    # Its IPv6 address only where it has no other: not every machine of ours has IPv6.
    found = (four.texts() or six.texts())[:2]
    return [Server(address, settings.DNS_PORT, name, True) for address in found if may_be_asked(address)]


def may_be_asked(address: str) -> bool:
    """Whether we connect to an address that a stranger's zone names: to none inside our own network.

    On a rig, whose resolvers are on the loopback, everything else is there as well.
    """
    found = ipaddress.ip_address(address)
    is_rig = any(ipaddress.ip_address(server.address).is_loopback for server in resolvers())
    return (found.is_global and not found.is_multicast) or (is_rig and found.is_loopback)


def _server(text: str) -> Server:
    """A resolver from the settings: an address, address:port or [address]:port."""
    try:
        return Server(str(ipaddress.ip_address(text.strip("[]"))))
    except ValueError:
        address, _, port = text.rpartition(":")
        return Server(address.strip("[]"), int(port))

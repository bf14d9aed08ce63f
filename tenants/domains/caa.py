"""Whether the DNS allows our certificate authorities to issue for a name (CAA, RFC 8659 and RFC 8657)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import dns.rdata
from django.conf import settings

from tenants.domains.answers import Reply, printable
from tenants.domains.asking import Asker
from tenants.domains.finding import Zone, resolvers

KNOWN_TAGS = ("issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc")
METHOD = "http-01"
MOST_NAMES = 10
CRITICAL = 128


@dataclass(frozen=True)
class Verdict:
    """What CAA says of our authorities.

    `status`: ok (allowed by name), none (no record: everybody may), forbid, error (could not be asked: an
    authority would refuse). `at`: the name whose records decide (an alias's target, too). `problem` of forbid:
    issuer (another authority only), parameters (ours, but not this method or account), critical (an unknown tag).
    """

    status: str
    at: str = ""
    records: tuple[str, ...] = ()
    problem: str = ""


async def look(asker: Asker, host: str, zone: Zone, accounts: Sequence[str]) -> Verdict:
    """Climb from the host towards the root: the first name that has CAA records decides.

    At each name its alias is followed first, so that the records at our own target allow our authorities.

    Args:
        accounts: the URLs of our accounts, for `accounturi`.
    """
    labels = host.split(".")
    names = [".".join(labels[count:]) for count in range(len(labels))]
    names = names[:1] + names[1:][-MOST_NAMES:]
    for name, reply in zip(
        names, await asyncio.gather(*[_ask(asker, name, zone) for name in names]), strict=True
    ):
        if not reply.is_answer or reply.is_loop:
            return Verdict("error", name, (reply.rcode,))
        if reply.records:
            return judge(reply.chain[-1] if reply.chain else name, reply.records, accounts)
    return Verdict("none")


async def _ask(asker: Asker, name: str, zone: Zone) -> Reply:
    """From the zone's own servers, since authorities do not ask caches; what lies outside from resolvers."""
    is_inside = zone.apex and (name == zone.apex or name.endswith(f".{zone.apex}"))
    if is_inside and zone.servers:
        reply = await asker.first(zone.servers, name, "CAA")
        if reply.is_answer and not reply.chain:
            return reply
    return await asker.first(resolvers(), name, "CAA")


def judge(name: str, records: Sequence[dns.rdata.Rdata], accounts: Sequence[str]) -> Verdict:
    """What one name's CAA records say."""
    found = [(record.flags, _text(record.tag).lower(), _text(record.value)) for record in records]  # type: ignore[attr-defined]
    shown = tuple(f'{flags} {tag} "{value[:200]}"' for flags, tag, value in found[:20])
    if any(flags & CRITICAL and tag not in KNOWN_TAGS for flags, tag, _ in found):
        return Verdict("forbid", name, shown, "critical")
    issuers = [value for _, tag, value in found if tag == "issue"]
    if not issuers:
        return Verdict("ok", name, shown)
    ours = [_parameters(value) for value in issuers if _domain(value) in _our_authorities()]
    if any(_allows(parameters, accounts) for parameters in ours):
        return Verdict("ok", name, shown)
    return Verdict("forbid", name, shown, "parameters" if ours else "issuer")


def _our_authorities() -> set[str]:
    return {domain.lower() for domain in settings.ACME_CAA}


def _domain(value: str) -> str:
    return value.partition(";")[0].strip().lower().rstrip(".")


def _parameters(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.split(";")[1:])
    return {name.strip().lower(): text.strip() for name, _, text in pairs}


def _allows(parameters: dict[str, str], accounts: Sequence[str]) -> bool:
    methods = parameters.get("validationmethods")
    if methods is not None and METHOD not in [method.strip().lower() for method in methods.split(",")]:
        return False
    return parameters.get("accounturi") is None or parameters["accounturi"] in accounts


def _text(octets: bytes) -> str:
    return printable(octets.decode("utf-8", "replace"))


def recommended(name: str) -> list[tuple[str, str]]:
    """The records that would allow us, as (name, value): one for each of our authorities."""
    return [(name, f'0 issue "{authority}"') for authority in settings.ACME_CAA]

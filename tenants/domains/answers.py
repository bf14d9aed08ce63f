"""What a name server's answer says about the name that was asked, and nothing else that it may hold."""

from dataclasses import dataclass, replace

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

LONGEST_CHAIN = 16
ANSWERED = ("NOERROR", "NXDOMAIN")


@dataclass(frozen=True)
class Server:
    """Somebody to ask. `name` is a name server's; a public resolver has none."""

    address: str
    port: int = 53
    name: str = ""
    is_authoritative: bool = False


@dataclass(frozen=True)
class Reply:
    """What one server said to one question.

    `rcode`: of the DNS, or TIMEOUT, UNREACHABLE, MALFORMED (no DNS, or cut off over TCP too), TOO_LARGE,
    OTHER_NAME (an answer to something else), LAME (a name server that is not responsible).
    `chain`: the CNAMEs followed from the name asked, in A-labels; `ttl`: seconds this answer may be kept.
    """

    server: Server
    rcode: str
    chain: tuple[str, ...] = ()
    records: tuple[dns.rdata.Rdata, ...] = ()
    ttl: int = 0
    is_loop: bool = False
    soa_owner: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether it says something about the name."""
        return self.rcode in ANSWERED

    def texts(self) -> list[str]:
        """The values as text, fit for a page and for the database (no control characters)."""
        return [printable(as_text(record)) for record in self.records]


def read(answer: dns.message.Message, server: Server, question: dns.rrset.RRset) -> Reply:
    """What an answer says about the name asked, and nothing else that it may hold."""
    rcode = dns.rcode.to_text(answer.rcode())
    sets = {
        (found.name, found.rdtype): found for found in answer.answer if found.rdclass == dns.rdataclass.IN
    }
    at, chain, ttls = question.name, [question.name], list[int]()
    is_loop = False
    while (at, question.rdtype) not in sets and (at, dns.rdatatype.CNAME) in sets:
        alias = sets[at, dns.rdatatype.CNAME]
        at = alias[0].target
        ttls.append(alias.ttl)
        if at in chain or len(chain) > LONGEST_CHAIN:
            is_loop = True
            break
        chain.append(at)
    found = sets.get((at, question.rdtype))
    owner, negative = _soa(answer, at)
    reply = Reply(
        server,
        rcode,
        tuple(host_of(name) for name in chain[1:]) + ((host_of(at),) if is_loop else ()),
        tuple(found) if found and not is_loop else (),
        # How long caches keep what stands at the name asked itself.
        [*ttls, found.ttl if found else negative][0],
        is_loop,
        owner,
    )
    if rcode == "NOERROR" and answer.answer and not found and not reply.chain:
        return replace(reply, rcode="OTHER_NAME")
    if server.is_authoritative and _is_referral(answer):
        return replace(reply, rcode="LAME")
    return reply


def _soa(answer: dns.message.Message, at: dns.name.Name) -> tuple[str, int]:
    """The zone that a negative answer speaks for, and how long it may be kept (RFC 2308 §5)."""
    for section in (answer.answer, answer.authority):
        for found in section:
            if found.rdtype == dns.rdatatype.SOA and at.is_subdomain(found.name):
                return host_of(found.name), min(found.ttl, found[0].minimum)
    return "", 0


def _is_referral(answer: dns.message.Message) -> bool:
    kinds = {found.rdtype for found in answer.authority}
    is_empty = not answer.answer and answer.rcode() == dns.rcode.NOERROR
    return is_empty and not answer.flags & dns.flags.AA and dns.rdatatype.SOA not in kinds


def host_of(name: dns.name.Name) -> str:
    """A name as text in lower case, without the trailing dot."""
    return printable(name.to_text(omit_final_dot=True).lower())


def as_text(record: dns.rdata.Rdata) -> str:
    """A record's value; a TXT record's strings joined (RFC 7208 §3.3)."""
    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(record.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
    if record.rdtype in (dns.rdatatype.CNAME, dns.rdatatype.NS):
        return host_of(record.target)  # type: ignore[attr-defined]
    return record.to_text()


def printable(text: str) -> str:
    """Text that came from strangers, without control characters: Postgres refuses NUL, pages need no others."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)

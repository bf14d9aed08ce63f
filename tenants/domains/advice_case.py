"""What the words about a name's DNS are made of: the facts of one case, and how they read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings

from tenants.domains.judging import our_addresses
from tenants.domains.names import registered_domain, shown
from tenants.domains.report import Report, Seen

MOST_LISTED = 4
CHECKED_AGAIN = "We look again by ourselves; you need not come back."
FAILURES = {
    "TIMEOUT": "did not answer in time",
    "UNREACHABLE": "could not be reached",
    "SERVFAIL": "answered with an error (SERVFAIL)",
    "REFUSED": "refused the question (REFUSED)",
    "LAME": "is listed for the domain but does not know it",
    "OTHER_NAME": "answered about another name",
    "MALFORMED": "sent something that is no answer",
    "TOO_LARGE": "sent an answer that is far too large",
}


@dataclass(frozen=True)
class Record:
    """A record to be there; `name` in full."""

    type: str
    name: str
    value: str


@dataclass(frozen=True)
class Advice:
    """What was found and what to do about it; `is_note`: nothing."""

    found: str
    fix: str
    records: list[Record] = field(default_factory=list)
    is_note: bool = False


@dataclass(frozen=True)
class Case:
    """One claim and the report about it."""

    report: Report
    host: str
    target: str
    proof: str
    needs_txt: bool

    @property
    def shown(self) -> str:
        """The name as people read it."""
        return shown(self.host)

    @property
    def proof_host(self) -> str:
        """The name of the TXT record."""
        return f"_portal-verify.{self.host}"

    @property
    def bought(self) -> str:
        """The domain that was bought from a registrar."""
        return shown(registered_domain(self.host))

    @property
    def is_apex(self) -> bool:
        """The zone's own name has SOA and NS records, so it cannot have a CNAME (RFC 1034 §3.6.2)."""
        return self.host in (self.report.zone, registered_domain(self.host))

    @property
    def label(self) -> str:
        """What most providers want in a record's Name field: the part before the zone."""
        return self._before_zone(self.host)

    @property
    def proof_label(self) -> str:
        """The same for the TXT record."""
        return self._before_zone(self.proof_host)

    @property
    def at_provider(self) -> str:
        """Where the records are kept."""
        return f"at {self.report.provider}" if self.report.provider else "where your DNS is run"

    @property
    def wanted(self) -> list[Record]:
        """The records that lead here."""
        if not self.is_apex:
            return [Record("CNAME", self.host, self.target)]
        four = [Record("A", self.host, address) for address in settings.EDGE_IPV4]
        six = [Record("AAAA", self.host, address) for address in settings.EDGE_IPV6]
        return four + six or [Record("ALIAS", self.host, self.target)]

    @property
    def wanted_words(self) -> str:
        """What to call them."""
        return f"{listed(dict.fromkeys(record.type for record in self.wanted)) or 'CNAME'} record"

    @property
    def proof_record(self) -> Record:
        """The TXT record."""
        return Record("TXT", self.proof_host, self.proof)

    @property
    def wrong(self) -> list[Seen]:
        """Answers that do not lead here, the zone's own servers' first."""
        return [seen for seen in self.report.servers if not (seen.is_good or seen.has_failed)]

    @property
    def chain(self) -> tuple[str, ...]:
        """The CNAMEs to talk about: of an answer that does not lead here, else of any."""
        seen = [*self.wrong, *self.report.servers]
        return next((one.chain for one in seen if one.chain), ())

    @property
    def addresses(self) -> list[str]:
        """The addresses to talk about, IPv4 if there are any."""
        found = next((one.addresses for one in [*self.wrong, *self.report.servers] if one.addresses), ())
        return [address for address in found if ":" not in address] or list(found)

    @property
    def our_addresses(self) -> list[str]:
        """Those of them that are ours."""
        return [address for address in self.addresses if address in our_addresses()]

    @property
    def strange_addresses(self) -> list[str]:
        """Those of them that are not."""
        return [address for address in self.addresses if address not in our_addresses()]

    @property
    def wildcard_hint(self) -> str:
        """What to do when there is no such record to change."""
        if not self.report.is_wildcard:
            return ""
        above = self.host.partition(".")[2]
        return (
            f" If there is no record {self.label}, the answer comes from *.{above}: "
            "leave that and add the record below."
        )

    def has(self, verdict: str) -> bool:
        """Whether some server's answer got this verdict."""
        return any(seen.verdict == verdict for seen in self.report.servers)

    def answer(self, seen: Seen) -> str:
        """One server's answer in words."""
        if seen.chain:
            return f"with a CNAME to {seen.chain[0]}"
        return f"with {listed(seen.addresses)}" if seen.addresses else "that there is no record"

    def failure(self, rcode: str) -> str:
        """Why one server's answer was no use."""
        return FAILURES.get(rcode, f"answered with an error ({rcode})")

    def _before_zone(self, name: str) -> str:
        zone = self.report.zone or registered_domain(self.host)
        return "“@”" if name == zone else f"“{name.removesuffix(f'.{zone}')}”"


def listed(words: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and 3 more'."""
    found = list(words)
    if len(found) > MOST_LISTED:
        found = [*found[: MOST_LISTED - 1], f"{len(found) - MOST_LISTED + 1} more"]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def how_long(seconds: int) -> str:
    """A duration as people say it: never less than it is."""
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size or word == "minute":
            count = max(1, -(-seconds // size))
            return f"{count} {word}{'s' if count > 1 else ''}"
    raise AssertionError

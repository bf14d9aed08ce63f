"""What was found out about a name's DNS, in one frozen value that fits a JSON column."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

GOOD_ROUTING = ("cname", "chain", "alias")
OUR_VERDICTS = (*GOOD_ROUTING, "other_target", "mixed")


@dataclass(frozen=True)
class Seen:
    """What one server says about the host.

    `verdict`: cname, chain, alias (good); other_target, appended, cname_elsewhere, loop, mixed, proxied,
    elsewhere, no_record; failed (with the reason in `rcode`: SERVFAIL, TIMEOUT …). `ttl`: seconds that caches may
    keep this answer. `has_proof`: whether it has the TXT record; None if it was not to be learned.
    """

    address: str
    name: str
    is_authoritative: bool
    rcode: str
    chain: tuple[str, ...]
    addresses: tuple[str, ...]
    verdict: str
    ttl: int
    has_proof: bool | None

    @property
    def is_good(self) -> bool:
        """Whether this answer leads here."""
        return self.verdict in GOOD_ROUTING

    @property
    def has_failed(self) -> bool:
        """Whether it said nothing."""
        return self.verdict == "failed"

    @property
    def shown(self) -> str:
        """What to call the server on a page."""
        return self.name or self.address


@dataclass(frozen=True)
class Report:
    """One look at a host's DNS; `tenants.domains.diagnosis.diagnose` makes it, `situations.explain` words it.

    `routing`: see `judging.routing`. `ownership`: ok, missing, wrong. `caa`: ok, none, forbid, error, with
    `caa_problem` (issuer, parameters, critical). `appended`: names at which the record was found because the
    provider appended the zone once more.
    """

    routing: str
    servers: tuple[Seen, ...] = ()
    ownership: str = "missing"
    txt_found: tuple[str, ...] = ()
    caa: str = "none"
    caa_at: str = ""
    caa_records: tuple[str, ...] = ()
    caa_problem: str = ""
    stale_aaaa: tuple[str, ...] = ()
    is_wildcard: bool = False
    zone: str = ""
    name_servers: tuple[str, ...] = ()
    provider: str = ""
    appended: tuple[str, ...] = ()
    host: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON types, for `Domain.report`."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The report of a JSON column; fields that this version does not know are dropped."""
        known = {field.name for field in fields(cls)}
        facts = _facts(saved, known)
        facts["servers"] = tuple(Seen(**_facts(one, SEEN)) for one in saved.get("servers", ()))
        return cls(**facts)

    @property
    def leads_here(self) -> bool:
        """Every answer, over IPv4 and IPv6, at the source and in caches, leads to our edges."""
        return self.routing in GOOD_ROUTING and not self.stale_aaaa

    @property
    def points_here_at_all(self) -> bool:
        """Some answer of some server leads to us, by whatever way."""
        return any(seen.verdict in OUR_VERDICTS for seen in self.servers)

    @property
    def points_to_target(self) -> bool:
        """The zone's own servers all lead, by CNAME, to this very target: only who runs the DNS can have typed it."""
        source = [seen for seen in self.servers if seen.is_authoritative and not seen.has_failed]
        return bool(source) and all(seen.verdict in ("cname", "chain") for seen in source)

    @property
    def could_not_ask(self) -> bool:
        """Only failures: it says nothing about the name, good or bad."""
        return self.routing == "dns_down"

    @property
    def wait_seconds(self) -> int:
        """How long caches may go on answering what they answer now; 0 if nothing is to be waited for."""
        return max((seen.ttl for seen in self.servers if not (seen.is_good or seen.has_failed)), default=0)

    def is_good(self, needs_txt: bool) -> bool:
        """Whether a certificate may be ordered: the name leads here, CAA allows it, and the TXT is there if asked."""
        return self.leads_here and self.caa in ("ok", "none") and (not needs_txt or self.ownership == "ok")

    def situations(self, needs_txt: bool) -> list[str]:
        """The codes of `situations.SITUATIONS` that apply, the one to mend first in front; notes come last."""
        codes = [] if self.routing in GOOD_ROUTING else [self.routing]
        knows = self.routing not in ("dns_down", "no_zone")
        if knows and self.stale_aaaa and self.routing != "cloudflare_proxied":
            codes.append("stale_aaaa")
        if self.caa == "forbid" and self._is_own_caa:
            codes.append("caa_parameters" if self.caa_problem == "parameters" else "caa_forbids")
        if self.caa == "error" and knows:
            codes.append("dns_down")
        if knows and needs_txt and self.ownership != "ok":
            codes.append(self._txt_problem())
        return list(dict.fromkeys(codes + self._notes()))

    @property
    def _is_own_caa(self) -> bool:
        """Not that of a wrong CNAME's target, which stops to matter as soon as the CNAME is mended."""
        return self.leads_here or f".{self.host}".endswith(f".{self.caa_at}")

    def _txt_problem(self) -> str:
        if all(seen.has_proof is None for seen in self.servers if seen.is_authoritative):
            return "dns_down"
        return "txt_wrong" if self.ownership == "wrong" else "txt_missing"

    def _notes(self) -> list[str]:
        works = {"alias": "alias_works", "chain": "cname_chain"}
        notes = [works[self.routing]] if self.routing in works else []
        return [*notes, "wildcard"] if self.is_wildcard else notes


SEEN = {field.name for field in fields(Seen)}


def _facts(saved: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in saved.items()
        if name in known
    }

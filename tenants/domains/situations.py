"""The eighteen situations a name's DNS can be in, each explained: what we found, what to change, to what."""

from dataclasses import dataclass, field

from tenants.domains.advice import ADVICE, Case, Record
from tenants.domains.report import Report

__all__ = ["SITUATIONS", "Explained", "Record", "Situation", "explain"]


@dataclass(frozen=True)
class Situation:
    """One of the eighteen; `title` is a headline for people who are not technical."""

    code: str
    title: str


SITUATIONS = {
    code: Situation(code, title)
    for code, title in {
        "no_record": "There is no record for this name yet",
        "cname_elsewhere": "The CNAME leads somewhere else",
        "cname_appended_zone": "Your provider has added your domain once more",
        "alias_works": "It leads here by address: that works",
        "a_mixed": "One address is ours, another one is not",
        "a_elsewhere": "The name leads to another server",
        "cloudflare_proxied": "Cloudflare's proxy stands in between",
        "stale_aaaa": "An old IPv6 address is left over",
        "caa_forbids": "A CAA record forbids our certificates",
        "caa_parameters": "A CAA record allows our certificates only in a way we cannot use",
        "propagating": "Done on your side: the internet is catching up",
        "partial": "Some of your name servers still have the old record",
        "dns_down": "The DNS does not answer",
        "txt_missing": "The TXT record is missing",
        "txt_wrong": "The TXT record has another value",
        "wildcard": "A wildcard record answers for every name",
        "cname_chain": "The CNAME takes a detour",
        "no_zone": "This domain does not exist in the DNS",
    }.items()
}


@dataclass(frozen=True)
class Explained:
    """A situation in words. `found`: what we saw; `fix`: what to do; `records`: to be there in the end.

    `is_note`: it works as it is, nothing has to change.
    """

    code: str
    title: str
    found: str
    fix: str
    records: list[Record] = field(default_factory=list)
    is_note: bool = False


def explain(report: Report, *, host: str, target: str, proof: str, needs_txt: bool) -> list[Explained]:
    """Every situation that applies, the one to mend first in front.

    Args:
        host: the claimed name, in A-labels.
        target: where its CNAME is to lead.
        proof: the value of the TXT record.
        needs_txt: whether this claim has to have the TXT record.
    """
    case = Case(report, host, target, proof, needs_txt)
    explained = []
    for code in report.situations(needs_txt):
        advice = ADVICE[code](case)
        explained.append(
            Explained(code, SITUATIONS[code].title, advice.found, advice.fix, advice.records, advice.is_note)
        )
    return explained

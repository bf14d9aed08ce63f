"""What each name server answered, as a row of a table."""

from dataclasses import dataclass

from tenants.domains.report import Report, Seen

# By `Seen.verdict`: what it means for the portal, and the badge's tone.
VERDICTS = {
    "cname": ("Leads here", "positive"),
    "chain": ("Leads here", "positive"),
    "alias": ("Leads here", "positive"),
    "mixed": ("Leads here in part", "warning"),
    "other_target": ("Another agency’s target", "negative"),
    "appended": ("Domain added at the end", "negative"),
    "cname_elsewhere": ("Leads elsewhere", "negative"),
    "elsewhere": ("Leads elsewhere", "negative"),
    "proxied": ("Behind a proxy", "negative"),
    "loop": ("Goes in circles", "negative"),
    "no_record": ("No record", "warning"),
    "failed": ("No answer", "warning"),
}
# What a failure's code means to somebody who never saw one (RFC 1035 §4.1.1, RFC 2136 §2.2).
FAILURES = {
    "SERVFAIL": "It reported a failure of its own (SERVFAIL)",
    "REFUSED": "It refuses to answer (REFUSED)",
    "TIMEOUT": "It did not answer in time",
    "NXDOMAIN": "The name does not exist",
    "NOERROR": "The name has no such record",
}


@dataclass(frozen=True)
class Asked:
    """One server's answer, in words."""

    name: str
    kind: str
    answer: str
    verdict: str
    tone: str


def asked(report: Report) -> list[Asked]:
    """The zone's own name servers first: what they say is what counts."""
    return [_row(seen) for seen in sorted(report.servers, key=lambda seen: not seen.is_authoritative)]


def _row(seen: Seen) -> Asked:
    kind = "your domain’s own" if seen.is_authoritative else "public resolver"
    ends = [", ".join(seen.addresses)] if seen.addresses else []
    answer = " → ".join([*seen.chain, *ends]) or FAILURES.get(seen.rcode, seen.rcode)
    verdict, tone = VERDICTS.get(seen.verdict, (seen.verdict, ""))
    return Asked(seen.shown, kind, answer, verdict, tone)

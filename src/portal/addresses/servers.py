"""What each name server answered, as a row of a table."""

from dataclasses import dataclass

from tenants.domains.diagnosis import Report, Server


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
    return [_row(server) for server in sorted(report.servers, key=lambda server: not server.is_authoritative)]


def _row(server: Server) -> Asked:
    kind = "your domain’s own" if server.is_authoritative else "public resolver"
    answer = " → ".join([*server.chain, ", ".join(server.addresses)]).strip(" →") or server.rcode
    return Asked(server.name or server.address, kind, answer, "Yes" if server.verdict == "ours" else "No", "")

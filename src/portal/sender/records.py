"""The DNS records of a sending domain: what is to stand there, and what a look found."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from portal.sender.models import SenderDomain
from portal.sender.voice import bounce_host

GOOD, MISSING, WRONG, UNKNOWN = "good", "missing", "wrong", "unknown"
REQUIRED = ("dkim", "mx", "spf")
LONGEST_FOUND = 300


@dataclass(frozen=True)
class Record:
    """One record to publish. `key`: dkim, mx, spf or dmarc; `why`: what it is for, in words."""

    key: str
    kind: str
    name: str
    value: str
    why: str

    @property
    def is_required(self) -> bool:
        return self.key in REQUIRED


@dataclass(frozen=True)
class Finding:
    """What a look found of one record, and what to do about it; `code` is GOOD, MISSING, WRONG or UNKNOWN."""

    code: str
    words: str

    @property
    def is_good(self) -> bool:
        return self.code == GOOD


@dataclass(frozen=True)
class Line:
    """A record with what was found of it, for a page."""

    record: Record
    finding: Finding | None

    @property
    def tone(self) -> str:
        if self.finding is None or self.finding.code == UNKNOWN:
            return ""
        if self.finding.is_good:
            return "positive"
        return "negative" if self.record.is_required else "notice"

    @property
    def label(self) -> str:
        labels = {GOOD: "Found", MISSING: "Missing", WRONG: "Wrong", UNKNOWN: "No answer"}
        if self.finding is None:
            return "Not looked for yet"
        return labels[self.finding.code]


def wanted(domain: SenderDomain) -> list[Record]:
    """The records that this agency has to publish for this domain; the last one is only recommended."""
    back = bounce_host(domain.domain)
    return [
        Record(
            "dkim",
            "TXT",
            f"{domain.selector}._domainkey.{domain.domain}",
            f"v=DKIM1; k=rsa; p={domain.public_key}",
            "The key by which other servers check our signature. It is made for your agency alone.",
        ),
        Record(
            "mx", "MX", back, f"10 {settings.INTAKE_HOST}", "Where reports of undelivered mails come back to."
        ),
        Record(
            "spf", "TXT", back, f"v=spf1 include:{settings.MAIL_SPF} ~all", "Which servers may send for it."
        ),
        Record(
            "dmarc",
            "TXT",
            f"_dmarc.{domain.domain}",
            "v=DMARC1; p=none;",
            "Recommended: what others do with mails in your name that are not yours.",
        ),
    ]


def as_json(findings: dict[str, Finding]) -> dict[str, Any]:
    """For the row."""
    return {key: [finding.code, finding.words] for key, finding in findings.items()}


def lines(domain: SenderDomain) -> list[Line]:
    """Every record with what the last look found."""
    found = {key: Finding(*pair) for key, pair in domain.findings.items()}
    return [Line(record, found.get(record.key)) for record in wanted(domain)]

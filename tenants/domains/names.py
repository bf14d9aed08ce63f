"""From what a person typed to a host name that a portal may answer on, or the reason why not."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import idna
from django.conf import settings
from publicsuffixlist import PublicSuffixList

from kit.refused import Refused
from tenants.domains import lookalikes
from tenants.domains.models import Domain

# RFC 1035 allows 253; the TXT record's name (_portal-verify.<host>) has to fit as well.
LONGEST = 253 - len("_portal-verify.")
LONGEST_TYPED = 2048
LONGEST_LABEL = 63
# Endings that the public DNS does not know (RFC 6761, RFC 6762 appendix G, RFC 7686, RFC 8375, RFC 9476).
RESERVED = frozenset(
    ["alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localhost"]
    + ["onion", "private", "test"]
)
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/+", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)\Z")

WORDS = {
    "empty": "Please type the name that your portal is to have, for example portal.youragency.com.",
    "wildcard": "One name at a time, please: a name with * is not possible. For example portal.youragency.com.",
    "ip_address": "This is an IP address. Please type a name, for example portal.youragency.com.",
    "email": "This is an e-mail address. Please type a name, for example portal.youragency.com.",
    "not_a_hostname": "This is not a name a website can have. It looks like portal.youragency.com.",
    "too_long": f"This name is too long: {LONGEST} characters at most, {LONGEST_LABEL} between two dots.",
    "single_label": "Please type the whole name with its ending, for example portal.youragency.com.",
    "bad_label": "Only letters, digits and hyphens between the dots; a part neither begins nor ends with a hyphen.",
    "reserved": "A name that ends in .{ending} exists in private networks only. Please use one of your own domain.",
    "platform_domain": "Names under {platform} are ours. Please use a name of your own domain.",
    "public_suffix": "{host} is an ending that many share, like .com. Please use a name of your own domain below it.",
    "confusable": "This name can be taken for {other}, which is another agency's. Please use a different one.",
}


class BadName(Refused):
    """A name that no portal can have; `code` is a key of WORDS."""

    field = "host"

    def __init__(self, code: str, **facts: str) -> None:
        self.code = code
        super().__init__(WORDS[code].format(**facts))


@dataclass(frozen=True)
class Name:
    """A host name: `host` in A-labels as DNS has it, `shown` as people read it.

    `is_mixed_script`: a part mixes scripts; a page shows `host` beside it.
    """

    host: str
    shown: str
    is_mixed_script: bool


def normalise(raw: str) -> Name:
    """The host name in whatever was typed or pasted: an address with scheme and path, a trailing dot, umlauts.

    Raises:
        BadName: nothing in it could be a portal's name; says why.
    """
    typed = _bare(raw)
    host = _encoded(typed)
    labels = host.split(".")
    if _NUMBER.match(labels[-1]):
        raise BadName("ip_address" if all(_NUMBER.match(label) for label in labels) else "not_a_hostname")
    if len(labels) < 2:
        raise BadName("single_label")
    _refuse_others_zones(host, labels)
    shown = _decoded(host)
    return Name(host, shown, any(map(lookalikes.is_mixed, shown.split("."))))


def registered_domain(host: str) -> str:
    """The part of a name that was bought from a registry (public suffix and one label), or the name itself."""
    return str(_suffixes().privatesuffix(host) or host)


def shown(host: str) -> str:
    """A host name as people read it."""
    return _decoded(host)


def refuse_lookalike(name: Name, *, agency_id: int) -> None:
    """Refuse a name that reads like one another agency owns, unless both belong to the same registered domain.

    Raises:
        BadName: `confusable`.
    """
    others = Domain.objects.owning().exclude(agency_id=agency_id).values_list("host", flat=True)
    refuse_resembling(name, others.iterator())


def refuse_resembling(name: Name, others: Iterable[str]) -> None:
    """Refuse a name in other letters than a-z that can be taken for one of the other hosts (in A-labels).

    Raises:
        BadName: `confusable`.
    """
    own = registered_domain(name.host)
    foreign = (other for other in others if other != name.host and registered_domain(other) != own)
    # Between two names in plain letters, whoever holds the domain has the right to it.
    seen = (_decoded(other) for other in foreign if "xn--" in name.host or "xn--" in other)
    if other := lookalikes.resembled(name.shown, seen):
        raise BadName("confusable", other=other)


def _bare(raw: str) -> str:
    """Without what comes along when an address is copied from a browser or a mail."""
    if len(raw) > LONGEST_TYPED:
        raise BadName("too_long")
    typed = _INVISIBLE.sub("", unicodedata.normalize("NFC", raw)).strip().strip("\"'<>,;").strip()
    has_scheme = _SCHEME.match(typed)
    if has_scheme:
        typed = typed[has_scheme.end() :]
    typed = re.split(r"[/\\?#]", typed, maxsplit=1)[0].translate(_DOTS)
    if "@" in typed:
        if not has_scheme:
            raise BadName("email")
        typed = typed.rpartition("@")[2]
    if _is_address(typed):
        raise BadName("ip_address")
    typed = re.sub(r":[0-9]*\Z", "", typed).removesuffix(".").lower()
    if not typed:
        raise BadName("empty")
    if "*" in typed:
        raise BadName("wildcard")
    return typed


def _is_address(typed: str) -> bool:
    for candidate in (typed.strip("[]"), typed.rpartition(":")[0].strip("[]")):
        try:
            ipaddress.ip_address(candidate.partition("%")[0])
        except ValueError:
            continue
        return True
    return False


def _encoded(typed: str) -> str:
    """As A-labels (RFC 5891, prepared by UTS 46 without the transitional mappings)."""
    if typed.isascii():
        _refuse_bad_labels(typed)
    try:
        host = idna.encode(typed, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        too_long = any(words in str(error).lower() for words in ("too long", "too_long"))
        raise BadName("too_long" if too_long else "not_a_hostname") from error
    _refuse_bad_labels(host)
    return host


def _refuse_bad_labels(host: str) -> None:
    labels = host.split(".")
    if len(host) > LONGEST or any(len(label) > LONGEST_LABEL for label in labels):
        raise BadName("too_long")
    if not all(labels) or any(letter.isspace() or not letter.isprintable() for letter in host):
        raise BadName("not_a_hostname")
    for label in labels:
        # A hyphen in third and fourth place is kept for encodings (RFC 5891 §4.2.3.1); CAs refuse the others.
        if not _LABEL.match(label) or (label[2:4] == "--" and not label.startswith("xn--")):
            raise BadName("bad_label")


def _refuse_others_zones(host: str, labels: list[str]) -> None:
    platform = settings.PORTICO_HOST
    for ours in (platform, settings.EDGE_ZONE):
        if (host == ours or host.endswith(f".{ours}")) and not _is_foreign_in_a_demo(labels):
            raise BadName("platform_domain", platform=platform)
    # An installation that itself lives under a private ending (demo, tests) takes such names.
    if labels[-1] in RESERVED and platform.rpartition(".")[2] not in RESERVED:
        raise BadName("reserved", ending=labels[-1])
    if _suffixes().publicsuffix(host) == host:
        raise BadName("public_suffix", host=_decoded(host))


def _is_foreign_in_a_demo(labels: list[str]) -> bool:
    """On a demo (`localhost`), portal.youragency.localhost stands for a foreign name: browsers find it without DNS."""
    under_edges = ".".join(labels).endswith(f".{settings.EDGE_ZONE}")
    return settings.PORTICO_HOST == "localhost" and len(labels) > 2 and not under_edges


def _decoded(host: str) -> str:
    try:
        return idna.decode(host)
    except (idna.IDNAError, UnicodeError):
        return host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

"""Which addresses a portal may have. Pure: what is taken comes in as a question."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from tenants.signup.words import RESERVED, RUDE_PARTS, RUDE_WORDS

SHORTEST, LONGEST = 3, 30
# Characters and pairs that read alike in an address bar (a subset of Unicode TR39's confusables, for a-z 0-9).
LOOKS_LIKE = ("01i5", "olls")
PAIRS = (("rn", "m"), ("vv", "w"))
_SHAPE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
_ENDINGS = ("studio", "hq", "agency", "co", "works", "team")

IsFree = Callable[[Iterable[str]], set[str]]


def skeleton(slug: str) -> str:
    """What an address looks like at a glance: `n0rth-vvlnd` and `northwind` have the same one."""
    seen = slug.replace("-", "").translate(str.maketrans(*LOOKS_LIKE))
    for pair, letter in PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def tidy(words: str) -> str:
    """The nearest address to any words: "Müller & Söhne" → `muller-sohne`. May be too short to use."""
    folded = (
        unicodedata.normalize("NFKD", words.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    )
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:LONGEST].rstrip("-")


def problem(slug: str, *, platform: str) -> str:
    """Why this cannot be anybody's address, in words for the person who typed it; "" if it can.

    Args:
        slug: the address in lower case.
        platform: the platform's own name, which no address may contain.
    """
    if not slug.isascii():
        return "Only the letters a to z, digits and hyphens."
    if len(slug) < SHORTEST or len(slug) > LONGEST:
        return f"Between {SHORTEST} and {LONGEST} characters, please."
    if not _SHAPE.match(slug):
        return "Only the letters a to z, digits and hyphens; it begins and ends with a letter or digit."
    if "--" in slug or slug.startswith("xn-"):
        return "One hyphen at a time, please."
    if slug.isdigit():
        return "At least one letter, please."
    return "This address cannot be used." if _is_reserved(slug, platform) or _is_rude(slug) else ""


def suggestions(words: str, *, platform: str, free: IsFree, most: int = 3) -> list[str]:
    """Free addresses near to what somebody wanted."""
    candidates = list(_candidates(tidy(words), platform))
    open_ones = free(candidates)
    return [slug for slug in candidates if slug in open_ones][:most]


def _candidates(base: str, platform: str) -> Iterator[str]:
    base = base if len(base) >= SHORTEST - 1 else "studio"
    wanted = [base, *(f"{base[: LONGEST - 7].rstrip('-')}-{ending}" for ending in _ENDINGS)]
    wanted += [f"{base[: LONGEST - 4].rstrip('-')}-{number}" for number in range(2, 30)]
    return (slug for slug in dict.fromkeys(wanted) if not problem(slug, platform=platform))


def _is_reserved(slug: str, platform: str) -> bool:
    seen = skeleton(slug)
    return seen in _RESERVED_SKELETONS or skeleton(tidy(platform)) in seen


def _is_rude(slug: str) -> bool:
    words = set(slug.split("-")) | {slug.replace("-", "")}
    return bool(words & RUDE_WORDS) or any(part in slug.replace("-", "") for part in RUDE_PARTS)


_RESERVED_SKELETONS = frozenset(skeleton(word) for word in RESERVED)

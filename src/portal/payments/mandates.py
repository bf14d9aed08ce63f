"""The words with which somebody agrees that a card is kept. What was agreed to is stored as it stood."""

from tenants.agencies.current import current_agency

# Changed words are another version: rows keep the words and the version under which they were agreed to.
VERSION = "2026-11"
_KEEP = (
    "{agency} keeps this card or account at its payment service, to charge it for what I have agreed to pay"
    " and for nothing else. I can remove it in this portal at any time."
)


def keeping_words() -> str:
    """What a client agrees to when it saves a card without paying."""
    return _KEEP.format(agency=current_agency().name)

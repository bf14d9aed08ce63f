"""A message's name in addresses, headers and links."""

import base64
import binascii
import re
from uuid import UUID

from tenants.agencies.current import current_agency

OUR_ID = re.compile(
    r"<?(?P<message>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?P<agency>\d{1,9})(?:@[^>]*)?>?"
)


def key_of(message_id: UUID) -> str:
    """26 characters that survive the way through mail systems."""
    return base64.b32encode(message_id.bytes).decode().rstrip("=").lower()


def id_of(key: str) -> UUID | None:
    """The message that a key names; None for what is no key."""
    try:
        return UUID(bytes=base64.b32decode(key.upper() + "======"))
    except (binascii.Error, ValueError):
        return None


def name_of(message_id: UUID) -> str:
    """Message and agency in one word: what a mail service is told, and the left side of the Message-ID."""
    return f"{message_id}.{current_agency().id}"


def read_name(name: str) -> tuple[UUID, int] | None:
    """Message and agency of a name, bare or as a Message-ID; None for a stranger's."""
    found = OUR_ID.fullmatch(name.strip())
    return (UUID(found["message"]), int(found["agency"])) if found else None

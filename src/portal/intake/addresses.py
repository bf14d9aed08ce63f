"""Addresses to which mail may come: what they are for is in the local part, signed with our key."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from tenants.agencies.current import current_agency

KIND = re.compile(r"[a-z]{1,12}")
KEY = re.compile(r"[a-z0-9_-]{1,26}")
LOCAL = re.compile(
    r"reply\+(?P<kind>[a-z]{1,12})\.(?P<agency>[0-9a-z]{1,7})\.(?P<key>[a-z0-9_-]{1,26})\.(?P<signature>[a-z2-7]{16})"
)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIGNATURE_BYTES = 10


@dataclass(frozen=True)
class Destination:
    """What a signed address is for: a thing (`key`) of a kind, in one agency."""

    kind: str
    agency_id: int
    key: str
    domain: str


def address_for(kind: str, key: str, *, domain: str = "") -> str:
    """The address at which mail about one thing of the current agency arrives.

    Args:
        kind: under which a part has declared a mailbox.
        key: the thing: a-z, 0-9, "-" and "_", at most 26 characters.
        domain: where it arrives; our own intake host unless said otherwise.

    Raises:
        ValueError: kind or key cannot stand in an address.
    """
    if not KIND.fullmatch(kind) or not KEY.fullmatch(key):
        raise ValueError(f"{kind}.{key} cannot stand in an address")
    body = f"{kind}.{_in_letters(current_agency().id)}.{key}"
    # At most 64 octets before the @ (RFC 5321 §4.5.3.1.1): 6 + 12 + 7 + 26 + 16 with the dots is 70, and
    # nobody has all of it; what would not fit is refused here rather than by some server on the way.
    local = f"reply+{body}.{_signature(body, settings.SECRET_KEY)}"
    if len(local) > 64:
        raise ValueError(f"{body} is too long for an address")
    return f"{local}@{domain or settings.INTAKE_HOST}"


def read_address(address: str) -> Destination | None:
    """What an address is for; None for whatever we have not signed."""
    local, _, domain = address.strip().lower().rpartition("@")
    found = LOCAL.fullmatch(local)
    if found is None:
        return None
    body = f"{found['kind']}.{found['agency']}.{found['key']}"
    if not any(constant_time_compare(found["signature"], _signature(body, key)) for key in _keys()):
        return None
    return Destination(found["kind"], int(found["agency"], 36), found["key"], domain.rstrip("."))


def _keys() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _signature(body: str, secret: str) -> str:
    # 80 bits: guessed at over SMTP only, a few tries a second. Base32, because case does not survive on the way.
    whole = salted_hmac("portal.intake", body, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(whole[:SIGNATURE_BYTES]).decode().lower()


def _in_letters(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"

"""Private keys are stored sealed: AES-256-GCM, bound to the name they are for, by a key outside the database."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
KEY_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
HOW = (
    "CERTIFICATE_KEYS is name:base64 of 32 random bytes, the newest first, separated by commas; make one with"
    " `python -c \"import base64,os; print('k1:' + base64.b64encode(os.urandom(32)).decode())\"`."
)


class SealBroken(Exception):
    """What was stored does not open: it was changed, or it belongs to another name. Never says its content."""


@dataclass(frozen=True)
class Sealed:
    """A secret as it may be stored: nonce and ciphertext, and the name of the key that opens it."""

    blob: bytes
    key_name: str


def seal(host: str, secret: bytes) -> Sealed:
    """The secret, readable only together with `host` and our newest key.

    Raises ImproperlyConfigured when CERTIFICATE_KEYS names no usable key.
    """
    name = newest_key_name()
    nonce = secrets.token_bytes(NONCE_BYTES)
    return Sealed(nonce + AESGCM(_keys()[name]).encrypt(nonce, secret, host.encode()), name)


def open_sealed(host: str, blob: bytes | memoryview, key_name: str) -> bytes:
    """What `seal` was given.

    Raises ImproperlyConfigured when CERTIFICATE_KEYS lacks that key, SealBroken when it does not fit.
    """
    keys = _keys()
    if key_name not in keys:
        raise ImproperlyConfigured(
            f"CERTIFICATE_KEYS has no key named {key_name!r}, which sealed the key of {host}. Put it back"
            " (after the newest), run `manage.py rotate_certificate_keys`, then take it out."
        )
    nonce, sealed = bytes(blob[:NONCE_BYTES]), bytes(blob[NONCE_BYTES:])
    try:
        return AESGCM(keys[key_name]).decrypt(nonce, sealed, host.encode())
    except (InvalidTag, ValueError):
        # Not chained: the cause knows nothing more, and its frames hold key material.
        raise SealBroken(
            f"the sealed key of {host} does not open with {key_name!r}: it was changed, belongs to another"
            " name, or CERTIFICATE_KEYS has another key under that name"
        ) from None


def newest_key_name() -> str:
    """Name of the key that seals from now on; raises ImproperlyConfigured when there is none."""
    return key_names()[0]


def key_names() -> list[str]:
    """Names of the keys that we have, the newest first; raises ImproperlyConfigured when there is none."""
    return list(_keys())


def _keys() -> Mapping[str, bytes]:
    return _parsed(tuple(settings.CERTIFICATE_KEYS))


@lru_cache(maxsize=4)
def _parsed(lines: Sequence[str]) -> Mapping[str, bytes]:
    if not lines:
        raise ImproperlyConfigured(f"CERTIFICATE_KEYS is empty: private keys cannot be sealed. {HOW}")
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, 1):
        name, _, text = line.strip().partition(":")
        key = _decoded(text)
        # The line itself is never shown: it is the secret.
        if not NAME.fullmatch(name) or key is None or name in keys:
            raise ImproperlyConfigured(
                f"Key number {number} of CERTIFICATE_KEYS is no name:base64 of 32 bytes or comes twice. {HOW}"
            )
        keys[name] = key
    return keys


def _decoded(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None

"""Secrets that travel once, and the hashes that stay."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A URL-safe secret of 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code(digits: int = 6) -> str:
    """A code of decimal digits that a person can type, leading zeros included."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def digest(secret: str, *, salt: str = "") -> str:
    """The hex SHA-256 that is stored in place of a secret; `salt` (e.g. the row's id) is for short codes."""
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two strings are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())

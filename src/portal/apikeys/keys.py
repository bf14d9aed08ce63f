"""Making, finding and revoking keys.

A key reads `pk_<agency>_<secret>`: the middle part (the agency's id, base 36) says whose schema holds the
hash, the secret has 256 bits. Neither the secret nor anything it could be rebuilt from is stored.
"""

from collections.abc import Collection
from datetime import timedelta

from kit import clock
from kit.refused import Refused
from kit.tokens import digest, new_token
from portal import registry
from portal.apikeys.models import ApiKey
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Staff
from tenants.agencies.current import current_agency

MARK = "pk"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SEEN_EVERY = timedelta(minutes=1)
PREFIX_LENGTH = 12


class KeyRefused(Refused):
    """The key cannot be made as asked."""


def known_scopes() -> dict[str, str]:
    """Every scope with its words: reading and writing of people and of each module with an API."""
    parts = [
        ("clients", "Clients"),
        ("companies", "Companies"),
        ("invitations", "Invitations"),
        ("entitlements", "Entitlements"),
    ]
    parts += [(module.key, module.name) for module in registry.all_modules() if module.api]
    return {
        f"{key}:{action}": f"{name}: {words}"
        for key, name in parts
        for action, words in (("read", "read"), ("write", "create and change"))
    }


def make_key(
    *, name: str, scopes: Collection[str], by: Staff, request: Request | None = None
) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody can read again.

    Raises:
        KeyRefused: no name, no scope, or a scope that does not exist.
    """
    if not name.strip():
        raise KeyRefused("Give the key a name, so that you recognise it later.", field="name")
    if not scopes or not set(scopes) <= set(known_scopes()):
        raise KeyRefused("Choose what the key may do.", field="scopes")
    text = f"{MARK}_{_base36(current_agency().id)}_{new_token()}"
    key = ApiKey.objects.create(
        name=name.strip()[:80],
        prefix=text[:PREFIX_LENGTH],
        key_hash=digest(text),
        scopes=sorted(scopes),
        made_by=by,
    )
    record("apikeys.made", key, by=by, summary=f"Made the API key “{key.name}”", request=request)
    return key, text


def revoke_key(key: ApiKey, *, by: Staff, request: Request | None = None) -> None:
    """The key stops working with the next request. Revoking twice is fine."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=clock.now()):
        record("apikeys.revoked", key, by=by, summary=f"Revoked the API key “{key.name}”", request=request)


def agency_id_in(text: str) -> int | None:
    """The agency that a key names; nothing is known yet of whether the key is good."""
    mark, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    if mark != MARK or not secret or not 0 < len(number) <= 12 or set(number) - set(DIGITS):
        return None
    return int(number, 36)


def find_key(text: str) -> ApiKey | None:
    """The live key of the current agency with this text. Noted as used, at most once a minute."""
    key = (
        ApiKey.objects.select_related("made_by")
        .filter(key_hash=digest(text), revoked_at__isnull=True)
        .first()
    )
    if key is None or key.made_by is None or not key.made_by.is_active:
        return None
    now = clock.now()
    if key.last_used_at is None or key.last_used_at < now - SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"

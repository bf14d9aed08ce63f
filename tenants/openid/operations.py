"""The legs of the way: begun on a portal, back on the platform's host, redeemed on the portal."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from kit import clock
from kit.tokens import digest, new_token
from tenants.agencies.current import platform_origin
from tenants.openid import provider
from tenants.openid.models import Attempt
from tenants.openid.provider import Identity, NotBelieved

LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
KEPT_FOR = timedelta(days=1)
CALLBACK = "/google/callback/"


def begin(*, agency_id: int, host: str, secret_hash: str, words: Mapping[str, Any]) -> str:
    """Begin an attempt of one browser on one host; the provider's address to send the browser to.

    Raises:
        provider.Unreachable: the provider cannot be asked at the moment.
    """
    state = new_token()
    url = provider.authorization_url(redirect_uri=_redirect_uri(), state=state, **_bound_to(state))
    Attempt.objects.create(
        agency_id=agency_id,
        host=host,
        state_hash=digest(state),
        secret_hash=secret_hash,
        words=dict(words),
        expires_at=clock.now() + LIFETIME,
    )
    return url


def come_back(state: str) -> Attempt | None:
    """The attempt of this state, once; None if there is none, it came back before or took too long."""
    mine = Attempt.objects.filter(
        state_hash=digest(state), returned_at=None, expires_at__gt=clock.now(), agency__isnull=False
    )
    if not mine.update(returned_at=clock.now()):
        return None
    return Attempt.objects.select_related("agency").get(state_hash=digest(state))


def identify(*, state: str, code: str, issuer: str) -> Identity:
    """Who came back with this code. Talks to the provider: not in a transaction.

    Args:
        issuer: what the answer names as its sender, "" if it names none (RFC 9207).

    Raises:
        provider.Unreachable, provider.NotBelieved
    """
    if issuer and issuer != provider.issuer():
        raise NotBelieved("iss")
    return provider.identify(code=code, redirect_uri=_redirect_uri(), **_bound_to(state))


def hand_over(attempt: Attempt, identity: Identity) -> str:
    """A code for the portal, good for a minute, once, in the browser and on the host that began."""
    code = new_token()
    attempt.code_hash, attempt.code_expires_at = digest(code), clock.now() + CODE_LIFETIME
    attempt.issuer, attempt.subject = identity.issuer, identity.subject
    attempt.email, attempt.email_is_verified = identity.email, identity.email_is_verified
    attempt.save()
    return code


def look(code: str, *, agency_id: int, host: str) -> Attempt | None:
    """The attempt that could be redeemed by this code here; uses nothing up."""
    return _redeemable(code).filter(agency_id=agency_id, host=host).first()


@transaction.atomic
def redeem(code: str, *, agency_id: int, host: str, secret_hash: str) -> Attempt | None:
    """The attempt of this code, once. Whoever shows a code uses it up, the right browser and host or another."""
    if not _redeemable(code).update(redeemed_at=clock.now()):
        return None
    attempt = Attempt.objects.get(code_hash=digest(code))
    is_here = attempt.agency_id == agency_id and attempt.host == host
    return attempt if is_here and secret_hash and attempt.secret_hash == secret_hash else None


def sweep() -> int:
    """Forget attempts of yesterday; how many."""
    return Attempt.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()[0]


def _redeemable(code: str) -> QuerySet[Attempt]:
    return Attempt.objects.filter(
        code_hash=digest(code), redeemed_at=None, code_expires_at__gt=clock.now(), returned_at__isnull=False
    )


def _bound_to(state: str) -> dict[str, str]:
    # Both follow from the state and our key: nothing secret is stored, and no other attempt has the same.
    return {
        name: salted_hmac(f"google.{name}", state, algorithm="sha256").hexdigest()
        for name in ("nonce", "code_verifier")
    }


def _redirect_uri() -> str:
    return platform_origin() + CALLBACK

"""The provider: where it is, what it is asked, and whether its answer is to be believed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import is_secure_transport
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from requests import RequestException, Response

from kit import clock
from kit.tokens import digest

TIMEOUT = (2.0, 8.0)  # seconds to connect and to wait for an answer
LARGEST = 256 * 1024  # bytes of an answer that are read
KEPT_FOR = 3600  # seconds for which the provider's description and keys are remembered
NEW_KEYS_AFTER = 60  # seconds before an unknown key makes us ask for the keys again
LEEWAY = 60  # seconds that clocks may differ
OLDEST = 600  # seconds since an ID token was made
# Only signatures that need the provider's private key: never "none", never a secret that we know as well.
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]


class Unreachable(Exception):
    """The provider did not answer, or not with what its description promises."""


class NotBelieved(Exception):
    """The provider's answer is not for us, not from it, or not for this attempt."""


@dataclass(frozen=True)
class Identity:
    """Who signed in: issuer and subject together are the identity; the address is only what it is today."""

    issuer: str
    subject: str
    email: str
    email_is_verified: bool


def is_configured() -> bool:
    """Whether this installation offers it."""
    return bool(settings.GOOGLE_CLIENT_ID and settings.GOOGLE_CLIENT_SECRET)


def issuer() -> str:
    """The provider's own name for itself."""
    return str(settings.GOOGLE_ISSUER)


def authorization_url(*, redirect_uri: str, state: str, nonce: str, code_verifier: str) -> str:
    """Where the browser is sent. The person chooses the account each time: devices are shared.

    Raises:
        Unreachable: the provider's description cannot be had.
    """
    with _session(redirect_uri) as session:
        url, _ = session.create_authorization_url(
            _description()["authorization_endpoint"],
            state=state,
            nonce=nonce,
            code_verifier=code_verifier,
            prompt="select_account",
        )
    return str(url)


def identify(*, code: str, redirect_uri: str, nonce: str, code_verifier: str) -> Identity:
    """Exchange the code of a callback for the person's identity. Talks to the provider: not in a transaction.

    Raises:
        Unreachable: no answer, or none that makes sense.
        NotBelieved: the code or the ID token is refused.
    """
    description = _description()
    try:
        with _session(redirect_uri) as session:
            token = session.fetch_token(
                description["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=code_verifier,
                allow_redirects=False,
            )
    except (RequestException, ValueError) as error:
        raise Unreachable(type(error).__name__) from error
    except AuthlibBaseError as error:  # the provider knows no such code, or not with this verifier
        raise NotBelieved(str(error.error)) from error
    return _identity(token, nonce)


def _identity(token: Any, nonce: str) -> Identity:
    """OpenID Connect Core 1.0, 3.1.3.7."""
    if not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
        raise NotBelieved("no ID token")
    try:
        claims = _claims(token, nonce)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotBelieved(type(error).__name__) from error
    subject, email = claims.get("sub"), claims.get("email", "")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotBelieved("sub")
    if not isinstance(email, str) or len(email) > 254:
        email = ""
    # Only the very value true: "true", 1 or "false" are not what the specification says.
    return Identity(claims["iss"], subject, email, bool(email) and claims.get("email_verified") is True)


def _claims(token: dict[str, Any], nonce: str) -> CodeIDToken:
    decoded = _decode(token["id_token"])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {
            "iss": {"essential": True, "value": settings.GOOGLE_ISSUER},
            "aud": {"essential": True, "value": settings.GOOGLE_CLIENT_ID},
        },
        {
            "nonce": nonce,
            "client_id": settings.GOOGLE_CLIENT_ID,
            "access_token": token.get("access_token"),
        },
    )
    now = int(clock.now().timestamp())
    claims.validate(now=now, leeway=LEEWAY)
    if isinstance(claims["aud"], list) and claims["aud"] != [settings.GOOGLE_CLIENT_ID]:
        raise ValueError("for others, too")
    if not now - OLDEST <= claims["iat"] <= now + LEEWAY:
        raise ValueError("made at another time")
    return claims


def _decode(id_token: str) -> jwt.Token:
    try:
        return jwt.decode(id_token, KeySet.import_key_set(_keys()), algorithms=ALGORITHMS)
    except (InvalidKeyIdError, ValueError):
        # The provider may have new keys; a stranger's token must not make us ask it each time.
        if not cache.add(_cached("asked-again"), 1, NEW_KEYS_AFTER):
            raise
        return jwt.decode(id_token, KeySet.import_key_set(_keys(anew=True)), algorithms=ALGORITHMS)


def _keys(*, anew: bool = False) -> Any:
    return _remembered("keys", _description()["jwks_uri"], anew=anew)


def _description() -> dict[str, str]:
    """OpenID Connect Discovery 1.0, 4.3: the issuer that it names must be the one that was asked."""
    asked = issuer()
    found = _remembered("description", asked.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != asked:
        raise Unreachable("its description is another's")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str) or not is_secure_transport(found[name]):
            raise Unreachable(f"its description has no {name}")
    return dict(found)


def _remembered(what: str, url: str, *, anew: bool = False) -> Any:
    found = None if anew else cache.get(_cached(what))
    if found is None:
        found = _fetch(url)
        cache.set(_cached(what), found, KEPT_FOR)
    return found


def _fetch(url: str) -> Any:
    if not is_secure_transport(url):
        raise Unreachable("not over TLS")
    try:
        with requests.Session() as session:
            _limit(session)
            answer = session.get(url, timeout=TIMEOUT, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
    except (RequestException, ValueError) as error:
        raise Unreachable(type(error).__name__) from error
    if not isinstance(found, dict):
        raise Unreachable(f"{urlsplit(url).path} answered {answer.status_code}")
    return found


def _session(redirect_uri: str) -> OAuth2Session:
    session = OAuth2Session(
        settings.GOOGLE_CLIENT_ID,
        settings.GOOGLE_CLIENT_SECRET,
        scope="openid email",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
        default_timeout=TIMEOUT,
    )
    _limit(session)
    return session


def _limit(session: requests.Session) -> None:
    # A provider on this very machine is not asked through a proxy.
    session.trust_env = not settings.GOOGLE_ISSUER.startswith("http://")
    session.hooks["response"].append(_refuse_large)
    session.stream = True


def _refuse_large(answer: Response, *_: Any, **__: Any) -> None:
    read = b""
    for part in answer.iter_content(16 * 1024):
        read += part
        if len(read) > LARGEST:
            raise RequestException("the answer is too large")
    answer._content = read  # what requests keeps when it reads all by itself


def _cached(what: str) -> str:
    return f"openid:{what}:{digest(settings.GOOGLE_ISSUER)}"

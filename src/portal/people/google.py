"""Sign-in by Google: which client an account is, and whether it may come in.

The account is known by issuer and subject. One that is not known yet becomes a client's own in two ways: its verified
address is that of a client who was invited, or a signed-in client connects it on the profile. Google's word is
taken for who the person is, never for whether it has access here.
"""

from django.db import IntegrityError, transaction
from django.http import HttpResponse

from kit import clock
from kit.refused import Refused
from kit.tokens import digest, new_token
from portal.audit.operations import record
from portal.http import Request
from portal.mail.operations import queue_mail
from portal.people import sign_in, sign_in_browser
from portal.people.devices import describe
from portal.people.models import Client, GoogleAccount
from portal.people.sessions import host_of
from tenants.agencies.current import outside_agencies
from tenants.openid import operations as openid
from tenants.openid import provider
from tenants.openid.models import Attempt
from tenants.openid.provider import Unreachable

__all__ = [
    "NoAccessHere",
    "Unreachable",
    "begin",
    "connect",
    "disconnect",
    "enter",
    "is_offered",
    "look",
    "redeem",
]


class NoAccessHere(Exception):
    """No client who may come in has this account; one answer for every reason."""


class Taken(Refused):
    """The account signs in somebody else already."""


def is_offered() -> bool:
    """Whether this installation has been told of a provider."""
    return provider.is_configured()


def begin(request: Request, *, next_path: str, is_connecting: bool) -> tuple[str, str]:
    """Begin the way to Google: its address, and this browser's secret, which the answer must carry (`keep`).

    Raises:
        Unreachable: Google cannot be asked at the moment.
    """
    secret = new_token()
    words: dict[str, object] = {"next": next_path}
    if is_connecting:
        words["session"] = request.client_session.pk
    agency, host = request.agency, host_of(request)
    with outside_agencies():
        url = openid.begin(agency_id=agency.id, host=host, secret_hash=_hash(secret), words=words)
    return url, secret


def keep(response: HttpResponse, secret: str) -> None:
    """Give this browser the secret without which its way cannot be ended."""
    sign_in_browser.set_cookie(response, _cookie(_hash(secret)), secret, openid.LIFETIME)


def look(request: Request, code: str) -> Attempt | None:
    """The way that this code would end, if this is its host and browser. Uses nothing up."""
    with outside_agencies():
        attempt = openid.look(code, agency_id=request.agency.id, host=host_of(request))
    return attempt if attempt and _secret_hash(request, attempt) == attempt.secret_hash else None


def redeem(request: Request, response: HttpResponse, code: str) -> Attempt | None:
    """End the way that this code stands for, once; None if it is not for this browser, host and moment."""
    agency, host = request.agency, host_of(request)
    with outside_agencies():
        attempt = openid.look(code, agency_id=agency.id, host=host)
        held = _secret_hash(request, attempt) if attempt else ""
        attempt = openid.redeem(code, agency_id=agency.id, host=host, secret_hash=held)
    if attempt is not None:
        sign_in_browser.forget_cookie(response, _cookie(attempt.secret_hash))
    return attempt


@transaction.atomic
def enter(request: Request, response: HttpResponse, attempt: Attempt) -> Client:
    """Sign in the client whose account this is.

    Raises:
        NoAccessHere: nobody's account, or its client was never invited or has no access any more.
    """
    known = GoogleAccount.objects.filter(issuer=attempt.issuer, subject=attempt.subject).first()
    client = _with_access(known.client_id) if known else _invited_with(attempt)
    if client is None:
        raise NoAccessHere
    if known is None:
        try:
            known = _keep_account(client, attempt, request)
        except Taken as taken:
            raise NoAccessHere from taken
    GoogleAccount.objects.filter(pk=known.pk).update(used_at=clock.now(), email=attempt.email)
    sign_in.admit(request, response, client, by="Google")
    return client


@transaction.atomic
def connect(request: Request, attempt: Attempt) -> GoogleAccount:
    """Let the signed-in client sign in by this account from now on.

    Raises:
        Taken: it is another client's, or this client has another one.
        NoAccessHere: it was begun in another session than this.
    """
    session = request.client_session
    if session is None or attempt.words.get("session") != session.pk:
        raise NoAccessHere
    client = _with_access(session.client_id)
    if client is None:
        raise NoAccessHere
    return _keep_account(client, attempt, request)


@transaction.atomic
def disconnect(request: Request) -> bool:
    """Sign in by Google no longer; False if there was no account."""
    gone, _ = GoogleAccount.objects.filter(client=request.client).delete()
    if gone:
        _tell(request.client, "Sign-in by Google was removed", "people.google_disconnected", request)
    return bool(gone)


def _keep_account(client: Client, attempt: Attempt, request: Request) -> GoogleAccount:
    own = GoogleAccount.objects.filter(client=client, issuer=attempt.issuer).first()
    if own is not None and own.subject == attempt.subject:
        return own
    if own is not None:
        raise Taken("You sign in by another Google account already. Remove it first.")
    try:
        with transaction.atomic():
            made = GoogleAccount.objects.create(
                client=client, issuer=attempt.issuer, subject=attempt.subject, email=attempt.email
            )
    except IntegrityError as error:  # also when two browsers come back at once
        raise Taken("This Google account belongs to somebody else here.") from error
    _tell(client, "Sign-in by Google was set up", "people.google_connected", request)
    return made


def _tell(client: Client, what: str, verb: str, request: Request) -> None:
    device = describe(request.headers.get("User-Agent", ""))
    queue_mail("people.sign_in_changed", client, words={"what": what, "device": device})
    record(verb, client, by=client, summary=what, request=request)


def _invited_with(attempt: Attempt) -> Client | None:
    """The client with this verified address, if it was ever asked in. Whom nobody invited stays outside."""
    if not attempt.email_is_verified:
        return None
    client = Client.objects.select_for_update().with_access().with_email(attempt.email).first()
    if client is None:
        return None
    was_in = client.last_seen_at is not None or client.invitations.filter(accepted_at__isnull=False).exists()
    is_asked = client.invitations.filter(revoked_at__isnull=True, expires_at__gt=clock.now()).exists()
    return client if was_in or is_asked else None


def _with_access(client_id: int) -> Client | None:
    # Locked, so that removing access either sees the session to be started or comes before it.
    return Client.objects.select_for_update().with_access().filter(pk=client_id).first()


def _secret_hash(request: Request, attempt: Attempt) -> str:
    secret = sign_in_browser.secret_in(request, _cookie(attempt.secret_hash))
    return _hash(secret) if secret else ""


def _hash(secret: str) -> str:
    return digest(secret, salt="google")


def _cookie(secret_hash: str) -> str:
    # One for each way: two tabs may be on it at once.
    return f"google-{secret_hash[:12]}"

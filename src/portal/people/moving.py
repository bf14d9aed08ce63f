"""Moving house: a session comes along when the portal gets a domain of its own, or another one.

The new host gives the browser a secret first (a cookie) and sends it back with the secret's hash. The host
where it is signed in answers with a code that is bound to that hash and to the new host. The new host takes
the code once, within a minute, and only from the browser that has the secret: neither can anybody use a code
that was not made for their browser, nor lead another's browser into their own session.
"""

from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse

from kit import clock
from kit.tokens import digest, new_token, same
from portal.audit.operations import record
from portal.http import Request
from portal.people import sessions, sign_in_browser, sign_in_limits
from portal.people.models import Client, ClientSession, SessionMove

LIFETIME = timedelta(seconds=60)
SECRET_LIFETIME = timedelta(minutes=2)


def begin(response: HttpResponse) -> str:
    """Give this browser a secret of its own; its hash, which may be seen."""
    secret = new_token()
    hashed = hash_of(secret)
    sign_in_browser.set_cookie(response, _cookie(hashed), secret, SECRET_LIFETIME)
    return hashed


def offer(request: Request, *, secret_hash: str, to_host: str) -> str | None:
    """A code that brings the request's session along to the browser with that secret; None: too many lately."""
    session = request.client_session
    if sign_in_limits.move(request):
        return None
    SessionMove.objects.filter(session=session, expires_at__lte=clock.now()).delete()
    code = new_token()
    SessionMove.objects.create(
        session=session,
        code_hash=digest(code),
        secret_hash=secret_hash,
        from_host=sessions.host_of(request),
        to_host=to_host,
        expires_at=clock.now() + LIFETIME,
    )
    return code


@transaction.atomic
def redeem(request: Request, response: HttpResponse, code: str) -> bool:
    """Sign in by the code of a session elsewhere; False if it is not for this browser, host and moment.

    Whoever shows a code uses it up, the right browser or another.
    """
    unused = SessionMove.objects.filter(code_hash=digest(code), used_at=None, expires_at__gt=clock.now())
    if not unused.update(used_at=clock.now()):
        return False
    move = SessionMove.objects.get(code_hash=digest(code))
    secret = sign_in_browser.secret_in(request, _cookie(move.secret_hash))
    sign_in_browser.forget_cookie(response, _cookie(move.secret_hash))
    # The hash came by way of an address, so that it may be of anything: of nothing, too.
    is_bound = bool(secret) and same(hash_of(secret), move.secret_hash)
    if not is_bound or move.to_host != sessions.host_of(request):
        return False
    session = _still_open(move)
    if session is None:
        return False
    sessions.bring_along(request, response, session, move.from_host)
    summary = f"The session on {session.device} came along to {move.to_host}"
    record("people.session_moved", session, by=session.client, summary=summary, request=request)
    return True


def hash_of(secret: str) -> str:
    """What others may see of a browser's secret."""
    return digest(secret, salt="moving")


def _still_open(move: SessionMove) -> ClientSession | None:
    # The client first, as whoever removes access does: either we see it, or our session is ended with the rest.
    of_session = Client.objects.filter(sessions=move.session_id)
    client = Client.objects.select_for_update().with_access().filter(pk__in=of_session.values("pk")).first()
    if client is None:
        return None
    session = ClientSession.objects.live().select_for_update().filter(pk=move.session_id).first()
    if session is not None:
        session.client = client
    return session


def _cookie(secret_hash: str) -> str:
    # One for each way: two tabs may be on it at once.
    return f"moving-{secret_hash[:12]}"

"""Sessions of clients: an own cookie, an own table, read at every request."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kit import clock
from kit.tokens import digest, new_token
from portal.people.models import Client, ClientSession

LIFETIME = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)


def recognise(request: HttpRequest) -> None:
    """Put `client` and `client_session` on the request, if its cookie is of a live session with access."""
    token = request.COOKIES.get(settings.CLIENT_COOKIE_NAME)
    if not token:
        return
    session = (
        ClientSession.objects.select_related("client", "client__photo")
        .filter(token_hash=digest(token), ended_at__isnull=True, expires_at__gt=clock.now())
        .first()
    )
    if session is None or not session.client.has_access:
        return
    request.client_session, request.client = session, session.client
    _note_seen(session)


def start(request: HttpRequest, response: HttpResponse, client: Client) -> ClientSession:
    """Sign a client in on this device and set the cookie of the portal's host."""
    token = new_token()
    session = ClientSession.objects.create(
        client=client,
        token_hash=digest(token),
        device=request.headers.get("User-Agent", "")[:200],
        address=request.META.get("REMOTE_ADDR"),
        expires_at=clock.now() + LIFETIME,
    )
    response.set_cookie(
        settings.CLIENT_COOKIE_NAME,
        token,
        max_age=LIFETIME,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return session


def end(session: ClientSession, response: HttpResponse) -> None:
    """Sign out on this device."""
    ClientSession.objects.filter(pk=session.pk).update(ended_at=clock.now())
    response.delete_cookie(settings.CLIENT_COOKIE_NAME, samesite="Lax")


def end_all(client: Client) -> int:
    """Sign out everywhere; the number of sessions that ended."""
    return ClientSession.objects.filter(client=client, ended_at__isnull=True).update(ended_at=clock.now())


def _note_seen(session: ClientSession) -> None:
    now = clock.now()
    if session.last_seen_at > now - SEEN_EVERY and session.client.last_seen_at:
        return
    ClientSession.objects.filter(pk=session.pk).update(last_seen_at=now)
    Client.objects.filter(pk=session.client_id).update(last_seen_at=now)

"""Sessions of clients: an own cookie, an own table, read at every request."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.utils.http import urlencode

from kit import clock
from kit.tokens import digest, new_token
from portal.http import Request
from portal.people.devices import describe
from portal.people.models import Client, ClientSession, FormerKey
from tenants.routing.resolve import Portal

LIFETIME = timedelta(days=30)
FRESH_FOR = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)
KEYS_KEPT = 4  # of one host: as many tabs may be brought along at once
View = Callable[..., HttpResponse]


def recognise(request: Request) -> None:
    """Put `client` and `client_session` on the request, if its cookie is of a live session with access."""
    token = request.COOKIES.get(settings.CLIENT_COOKIE_NAME)
    session = _with_token(token, host_of(request)) if token else None
    if session is None or not session.client.has_access:
        return
    request.client_session, request.client = session, session.client
    _note_seen(session, request)


def start(request: Request, response: HttpResponse, client: Client) -> ClientSession:
    """Sign a client in on this device and set the cookie of the portal's host.

    The token is new whatever the browser brought along, and a session it was in ends: nobody can be
    led into a session that another knows.
    """
    token = new_token()
    if request.client_session is not None:
        ClientSession.objects.filter(pk=request.client_session.pk).update(ended_at=clock.now())
    session = ClientSession.objects.create(
        client=client,
        token_hash=digest(token),
        host=host_of(request),
        device=describe(request.headers.get("User-Agent", "")),
        address=request.META.get("REMOTE_ADDR") or None,
        expires_at=clock.now() + LIFETIME,
    )
    _give(request, response, token, LIFETIME)
    return session


def bring_along(request: Request, response: HttpResponse, session: ClientSession, from_host: str) -> None:
    """Let a session go on at this host with a new token; the one it had still opens `from_host`.

    One session on two hosts: whoever signs out at one of them is signed out.
    """
    token = new_token()
    # Another tab may have brought it along already: then it is the key of this host that is set aside.
    before = session.host or from_host
    FormerKey.objects.create(session=session, token_hash=session.token_hash, host=before)
    of_host = session.former_keys.filter(host=before)
    of_host.exclude(pk__in=of_host.order_by("-pk").values("pk")[:KEYS_KEPT]).delete()
    session.token_hash, session.host = digest(token), host_of(request)
    session.save(update_fields=["token_hash", "host"])
    _give(request, response, token, session.expires_at - clock.now())


def host_of(request: Request) -> str:
    """The portal's host that was asked."""
    assert isinstance(request.place, Portal), "clients are signed in on a portal's host"
    return request.place.host


def end(session: ClientSession, response: HttpResponse) -> None:
    """Sign out on this device."""
    ClientSession.objects.filter(pk=session.pk, ended_at__isnull=True).update(ended_at=clock.now())
    forget_cookie(response)


def end_all(client: Client, *, but: ClientSession | None = None) -> int:
    """Sign out everywhere, `but` on one device if it is given; the number of sessions that ended."""
    open_ones = ClientSession.objects.filter(client=client, ended_at__isnull=True)
    if but is not None:
        open_ones = open_ones.exclude(pk=but.pk)
    return open_ones.update(ended_at=clock.now())


def forget_cookie(response: HttpResponse) -> None:
    """Take the session's cookie away from this browser."""
    response.delete_cookie(settings.CLIENT_COOKIE_NAME, samesite="Lax")


def is_fresh(request: Request) -> bool:
    """Whether the client proved within FRESH_FOR that it is really they who sit here."""
    session = request.client_session
    return session is not None and session.fresh_at > clock.now() - FRESH_FOR


def mark_fresh(session: ClientSession) -> None:
    """Note a new proof of who it is."""
    ClientSession.objects.filter(pk=session.pk).update(fresh_at=clock.now())


def fresh_only(view: View) -> View:
    """Ask for a fresh proof (/sign-in/again/) before a page that changes how one signs in.

    A POST without one comes back as a GET of the same page: what was typed is not kept on purpose.
    """

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return HttpResponseRedirect("/sign-in/again/?" + urlencode({"next": request.path}))

    return guarded


def _with_token(token: str, host: str) -> ClientSession | None:
    """The live session that this cookie opens on this host."""
    hashed = digest(token)
    live = ClientSession.objects.live().select_related("client", "client__photo")
    current = live.filter(token_hash=hashed, host__in=(host, "")).first()
    return current or live.filter(former_keys__token_hash=hashed, former_keys__host=host).first()


def _give(request: Request, response: HttpResponse, token: str, lifetime: timedelta) -> None:
    rotate_token(request)
    response.set_cookie(settings.CLIENT_COOKIE_NAME, token, max_age=lifetime, httponly=True, samesite="Lax")


def _note_seen(session: ClientSession, request: Request) -> None:
    now = clock.now()
    if session.last_seen_at > now - SEEN_EVERY and session.client.last_seen_at:
        return
    address = request.META.get("REMOTE_ADDR") or session.address
    ClientSession.objects.filter(pk=session.pk).update(last_seen_at=now, address=address)
    Client.objects.filter(pk=session.client_id).update(last_seen_at=now)

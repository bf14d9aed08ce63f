"""Staff see the portal as a client does: asked for in the console with a reason, read-only by construction.

From the console's host to the portal's as a session moves house (moving.py): the portal's host gives the browser
a secret, the console answers with a code bound to its hash, and the portal takes the code once, within a minute,
from that browser. What it sets is no session of the client: its row is of a kind of its own, nothing but
`recognise` reads it, and every request it opens is answered in a transaction that Postgres itself keeps from writing.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.formats import time_format

from kit import clock
from kit.refused import Refused
from kit.tokens import digest, new_token, same
from portal.audit.operations import record
from portal.http import Request
from portal.people import serving, sign_in_browser, viewing_ends
from portal.people.models import VIEWING_LASTS, Client, Staff, TeamSettings, ViewAs
from portal.people.refusals import LinkUnusable, NoAccess, NotAllowed
from portal.people.sessions import host_of
from tenants.agencies.current import current_agency

COOKIE, SECRET = "viewing", "viewing-secret"
# The way in and out: here nobody is seen as a client.
WAY = "/viewing/"
LIFETIME = timedelta(seconds=60)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY|CREATE|ALTER|DROP|CALL|DO|NOTIFY|SET\s+TRANSACTION)\b"
    r"|.*\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b",
    re.IGNORECASE | re.DOTALL,
)


class WriteRefused(Exception):
    """A page wanted to write while staff look at it as a client."""


def may_view(staff: Staff) -> bool:
    """Owners and admins, and members unless the owner keeps it from them."""
    return staff.is_active and (staff.may_manage or TeamSettings.load().members_may_view)


@transaction.atomic
def ask(client: Client, *, reason: str, by: Staff) -> ViewAs:
    """Begin on the console's side.

    Raises:
        NotAllowed: members may not, by the owner's wish; or the client is not theirs to see.
        NoAccess: the client has no access, so there is nothing to see.
        Refused: no reason.
    """
    _need_right(client, by)
    words = " ".join(reason.split())[:200]
    if not words:
        raise Refused("Say why. Your client can read it.", field="reason")
    now = clock.now()
    return ViewAs.objects.create(
        staff=by, client=client, reason=words, host=current_agency().host, code_expires_at=now + LIFETIME
    )


def set_secret(response: HttpResponse) -> str:
    """Give the browser, on the portal's host, a secret; its hash, which may be seen."""
    secret = new_token()
    sign_in_browser.set_cookie(response, SECRET, secret, LIFETIME)
    return digest(secret, salt=SECRET)


@transaction.atomic
def offer(viewing_id: UUID, *, by: Staff, secret_hash: str) -> str:
    """A code for the browser with that secret, once.

    Raises:
        LinkUnusable: asked for by somebody else, offered already, or more than a minute ago.
        NotAllowed, NoAccess: as `ask`.
    """
    waiting = ViewAs.objects.select_for_update().filter(
        pk=viewing_id, staff=by, code_hash=None, ended_at=None, code_expires_at__gt=clock.now()
    )
    row = waiting.first()
    if row is None:
        raise LinkUnusable("This took too long. Begin again on the client's page.")
    _need_right(row.client, by)
    code = new_token()
    row.code_hash, row.secret_hash = digest(code), secret_hash
    row.code_expires_at = clock.now() + LIFETIME
    row.save(update_fields=["code_hash", "secret_hash", "code_expires_at"])
    return code


@transaction.atomic
def begin(request: Request, response: HttpResponse, code: str) -> ViewAs | None:
    """Take the code from the browser that holds the secret; None if it is not good here any more."""
    waiting = ViewAs.objects.select_for_update(of=("self",)).select_related("staff", "client")
    row = waiting.filter(
        code_hash=digest(code), host=host_of(request), begun_at=None, ended_at=None,
        code_expires_at__gt=clock.now(),
    ).first()  # fmt: skip
    secret = sign_in_browser.secret_in(request, SECRET)
    if row is None or not secret or not same(row.secret_hash, digest(secret, salt=SECRET)):
        return None
    if not _is_allowed(row):
        return None
    end(request, response)  # whatever this browser looked at before
    token, now = new_token(), clock.now()
    row.token_hash, row.begun_at, row.expires_at = digest(token), now, now + VIEWING_LASTS
    row.save(update_fields=["token_hash", "begun_at", "expires_at"])
    until = time_format(row.expires_at.astimezone(current_agency().tzinfo), "H:i")
    summary = f"{row.staff} saw the portal as {row.client}, until {until} at most: {row.reason}"
    record("people.viewing_begun", row.client, by=row.staff, summary=summary, request=request)
    sign_in_browser.set_cookie(response, COOKIE, token, VIEWING_LASTS)
    sign_in_browser.forget_cookie(response, SECRET)
    return row


@transaction.atomic
def end(request: Request, response: HttpResponse) -> ViewAs | None:
    """End what this browser looks at, if it does; the row that ended."""
    token = sign_in_browser.secret_in(request, COOKIE)
    sign_in_browser.forget_cookie(response, COOKIE)
    row = ViewAs.objects.live().select_related("staff", "client").filter(token_hash=digest(token)).first()
    return row if row is not None and viewing_ends.end(row, request=request) else None


def recognise(request: Request) -> None:
    """Put `viewing` and its `client` on the request, if the cookie is of a live one that is still allowed."""
    token = sign_in_browser.secret_in(request, COOKIE)
    if not token or request.path_info.startswith(WAY):
        return
    live = ViewAs.objects.live().select_related("staff", "client", "client__photo")
    row = live.filter(token_hash=digest(token), host=host_of(request)).first()
    if row is not None and _is_allowed(row):
        request.viewing, request.client = row, row.client
    elif row is not None:
        viewing_ends.end(row, why="it is not allowed any more", request=request)


def is_over(request: Request) -> bool:
    """Whether this browser looked at the portal as a client, and does not any more."""
    return request.viewing is None and bool(sign_in_browser.secret_in(request, COOKIE))


def answer(request: Request, get_response: Callable[[Any], HttpResponse]) -> HttpResponse:
    """Answer a request of somebody who looks: safe methods only, and nothing that happens can write."""
    if request.method not in SAFE_METHODS:
        return refused(request)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        with connection.execute_wrapper(_no_writes):
            response = get_response(request)
            return _not_taken(request, response) if response.status_code == 405 else response


def refused(request: Request) -> HttpResponse:
    """What somebody who looks is told when it is not for them."""
    return render(request, "portal/viewing/refused.html", status=403)


def refused_write(request: Request, exception: Exception) -> HttpResponse | None:
    """The answer to a page that wanted to write after all; None: something else happened."""
    if isinstance(exception, WriteRefused):
        # Nothing reached the database: what is open there is sound.
        transaction.set_rollback(False)
        return refused(request)
    if isinstance(exception, DatabaseError):
        transaction.set_rollback(True)
        # Without the context of other pages, which would ask the database.
        return HttpResponse(render_to_string("errors/403.html", banner(request)), status=403)
    return None


def banner(request: HttpRequest) -> dict[str, Any]:
    """What a page prints over itself where somebody looks as a client; nothing elsewhere. Asks no database."""
    row = getattr(request, "viewing", None)
    if row is None:
        return {}
    return {"viewing": row, "end_viewing_url": f"{WAY}end/", "csrf_token": get_token(request)}


def viewings_of(client: Client, most: int = 30) -> list[ViewAs]:
    """Who looked at this client's portal, the newest first: the client reads it."""
    begun = ViewAs.objects.filter(client=client, begun_at__isnull=False)
    return list(begun.select_related("staff").order_by("-begun_at")[:most])


def _not_taken(request: Request, response: HttpResponse) -> HttpResponse:
    """A page in place of the empty answer: an empty one would have no way out."""
    page = render(request, "errors/405.html", status=405)
    page["Allow"] = response["Allow"]
    return page


def _no_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if _WRITES.match(sql):
        raise WriteRefused(sql.partition(" ")[0])
    return execute(sql, params, many, context)


def _is_allowed(row: ViewAs) -> bool:
    return may_view(row.staff) and row.client.has_access and serving.serves(row.staff, row.client)


def _need_right(client: Client, by: Staff) -> None:
    if not may_view(by):
        raise NotAllowed("Your owner lets only owners and admins see the portal as a client.")
    if not serving.serves(by, client):
        raise NotAllowed("You look after other clients.")
    if not client.has_access:
        raise NoAccess(f"{client.shown_name} has no access any more, so there is nothing to see.")

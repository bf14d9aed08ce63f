"""The three legs on which a session comes along to the portal's new host. People see none of them."""

import re

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from portal.gate import on_any_host, open_page
from portal.http import Request
from portal.people import moving
from portal.people.pages.answers import no_referrer, not_ahead
from portal.people.sessions import host_of
from portal.people.sign_in_paths import safe_next
from tenants.routing import hosts
from tenants.routing.resolve import UnroutableHost, normalise

_HASH = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


@on_any_host
@open_page
@no_referrer
@not_ahead
@require_GET
def arrive(request: Request) -> HttpResponse:
    """First leg, on the new host: this browser gets a secret and goes back to where it is signed in."""
    next_path = safe_next(request.GET.get("next"))
    origin = _origin_of(request, request.GET.get("from", ""))
    if request.client is not None or not origin:
        return HttpResponseRedirect(next_path)
    response = HttpResponse(status=302)
    query = urlencode({"state": moving.begin(response), "next": next_path})
    response["Location"] = f"{origin}/leave/?{query}"
    return response


@on_any_host
@open_page
@no_referrer
@not_ahead
@require_GET
def leave(request: Request) -> HttpResponse:
    """Second leg, where the browser is signed in: it gets a code for the new host."""
    next_path, agency = safe_next(request.GET.get("next")), request.agency
    state = request.GET.get("state", "")
    if not agency.is_moved or host_of(request) == agency.host:
        return HttpResponseRedirect(next_path)
    if request.client is not None and _HASH.match(state):
        code = moving.offer(request, secret_hash=state, to_host=agency.host)
        if code:
            query = urlencode({"next": next_path})
            return HttpResponseRedirect(agency.portal_url(f"/arrive/{code}/?{query}"))
    return HttpResponseRedirect(agency.portal_url(next_path))


@on_any_host
@open_page
@no_referrer
@not_ahead
@require_GET
def arrive_with(request: Request, code: str) -> HttpResponse:
    """Last leg, on the new host: the code and the secret's cookie sign in; whoever has not both may sign in."""
    response = HttpResponseRedirect(safe_next(request.GET.get("next")))
    if request.client is None:
        moving.redeem(request, response, code)
    return response


def _origin_of(request: Request, host: str) -> str:
    """Where to send a browser that came from `host`; "" unless it is another host of this very agency."""
    agency = request.agency
    try:
        name = normalise(host)
    except UnroutableHost:
        return ""
    if not agency.is_moved or host_of(request) != agency.host or name == agency.host:
        return ""
    if name != agency.default_host:
        owner = hosts.by_domain(name)
        if owner is None or owner.id != agency.id:
            return ""
    return agency.origin_of(name)

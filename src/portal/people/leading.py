"""From the portal's other hosts to the agency's own domain: who is led there, and how."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode

from portal.http import Request
from portal.people.sessions import host_of
from portal.people.sign_in_browser import set_cookie, token_of
from portal.people.sign_in_paths import safe_next
from tenants.routing.resolve import Portal

# Long enough for the page that follows a form.
STAY = timedelta(seconds=10)
# Secret links: they work on the new host as they are.
_LINKS = ("/enter/", "/invitation/", "/confirm-email/", "/undo-email/")
# The browser that asked for a mail has its cookie here.
_WHERE_ONE_ASKED = ("/enter/", "/sign-in/sent/")


def is_left(request: Request) -> bool:
    """Whether the portal has moved from the host that was asked to an own domain of the agency."""
    place = request.place
    return isinstance(place, Portal) and place.agency.is_moved and place.host != place.agency.host


def stays(request: Request, view: Callable[..., Any]) -> bool:
    """Whether a request to a host that was left is answered there all the same."""
    if request.method not in ("GET", "HEAD") or "stay" in request.COOKIES:
        return True
    if getattr(view, "is_on_any_host", False) or getattr(view, "works_closed", False):
        return True
    if request.client is None and token_of(request) and request.path.startswith(_WHERE_ONE_ASKED):
        return True
    return not request.htmx and not _is_page(request)


def let_stay(response: HttpResponse) -> None:
    """After a form: the page that says what came of it is shown on the same host.

    Browsers count the redirects after a form as a part of it, and `form-action 'self'` lets none of them
    lead to another host.
    """
    set_cookie(response, "stay", "1", STAY)


def lead(request: Request) -> HttpResponse:
    """The answer that brings a browser to the same page on the agency's own domain."""
    if request.htmx:
        shown = urlsplit(request.htmx.current_url or "")
        path = (
            request.get_full_path() if request.htmx.boosted else shown._replace(scheme="", netloc="").geturl()
        )
        return HttpResponse(status=204, headers={"HX-Redirect": _there(request, safe_next(path))})
    there = _there(request, request.get_full_path())
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        # From a page that is still open here, perhaps by a search form: see let_stay().
        response = render(request, "portal/moved.html", {"there": there})
        response["Refresh"] = f"0; url={there}"
    else:
        response = HttpResponseRedirect(there)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _there(request: Request, path: str) -> str:
    agency, host = request.agency, host_of(request)
    if request.client is None or request.method == "HEAD" or path.startswith(_LINKS):
        return agency.portal_url(path)
    query = urlencode({"next": safe_next(path), "from": host})
    return agency.portal_url(f"/arrive/?{query}")


def _is_page(request: Request) -> bool:
    """Whether somebody goes there, rather than a page that needs a picture, a style or an answer."""
    wanted = request.headers.get("Sec-Fetch-Dest")
    if wanted:
        return wanted == "document"
    # Browsers of before 2023 do not say it.
    return not request.headers.get("Accept", "").startswith(("image/", "text/css", "video/", "audio/"))

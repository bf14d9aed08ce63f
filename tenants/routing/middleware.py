"""Puts `request.place` and `request.agency` on every request and picks its urlconf."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import set_script_prefix

from tenants.agencies.current import leave_agency
from tenants.routing import hosts
from tenants.routing.http import AgencyRequest
from tenants.routing.resolve import (
    Place,
    Platform,
    Portal,
    UnknownAgency,
    UnknownHost,
    UnroutableHost,
    resolve,
)

GetResponse = Callable[[Any], HttpResponse]  # views and middleware may ask for a narrower request
PLATFORM_URLS, STAFF_URLS = "config.urls_platform", "config.urls_staff"
CONSOLE_URLS, PORTAL_URLS = "config.urls_console", "config.urls_portal"


class RoutingMiddleware:
    """Outermost of ours: decides by host and path, before anything reads a cookie or a table."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: AgencyRequest) -> HttpResponse:
        leave_agency()
        try:
            place = resolve(
                request.META.get("HTTP_HOST", ""),
                request.path_info,
                platform=settings.PORTICO_HOST,
                by_slug=hosts.by_slug,
                by_domain=hosts.by_domain,
            )
        except (UnroutableHost, UnknownHost, UnknownAgency):
            return nothing_here()
        request.place = place
        agency: Any = getattr(place, "agency", None)
        request.agency = agency
        if isinstance(place, Portal) and place.is_own_domain and not request.is_secure():
            return _over_tls(request, place)
        if request.agency and request.agency.is_behind:
            return back_soon()
        _choose_urls(request, place)
        try:
            return self.get_response(request)
        finally:
            leave_agency()
            # Else the next request of this thread would reverse its pages into this console.
            set_script_prefix("/")


def _over_tls(request: AgencyRequest, place: Portal) -> HttpResponse:
    """Nothing of a portal goes over the wire in the clear where the agency has a certificate."""
    response = HttpResponseRedirect(place.agency.origin_of(place.host) + request.get_full_path())
    response["Cache-Control"] = "no-store"
    return response


def _choose_urls(request: AgencyRequest, place: Place) -> None:
    if isinstance(place, Portal):
        request.urlconf = PORTAL_URLS
    elif isinstance(place, Platform):
        request.urlconf = PLATFORM_URLS
    elif place.agency is None:
        request.urlconf = STAFF_URLS
    else:
        # The slug becomes the script prefix: inside a console reverse() needs no agency argument.
        prefix = f"/{place.agency.slug}"
        request.urlconf = CONSOLE_URLS
        request.path_info = request.path_info.removeprefix(prefix) or "/"
        set_script_prefix(f"{prefix}/")


def nothing_here() -> HttpResponse:
    """The constant answer for hosts and agencies that do not exist: it tells nothing."""
    response = HttpResponseNotFound(render_to_string("errors/404.html"))
    response["Cache-Control"] = "no-store"
    return response


def back_soon() -> HttpResponse:
    """The constant answer while this version of the code must not touch an agency's schema."""
    response = HttpResponse(render_to_string("errors/503.html"), status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "300"
    return response


def staff_side(middleware: Callable[[GetResponse], Any]) -> Callable[[GetResponse], GetResponse]:
    """Run a middleware on the platform's and the console's host only.

    Sessions and logins of staff live in the public schema: on a portal's host they must not exist.
    """

    def factory(get_response: GetResponse) -> GetResponse:
        wrapped = middleware(get_response)

        def dispatch(request: AgencyRequest) -> HttpResponse:
            return get_response(request) if isinstance(request.place, Portal) else wrapped(request)

        return dispatch

    return factory

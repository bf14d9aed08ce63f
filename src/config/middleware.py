"""Staff-side middleware, kept off portal hosts, and the headers that every answer carries."""

from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from portal.http import Request
from tenants.routing.middleware import GetResponse, staff_side
from tenants.routing.resolve import Portal

PREFIX = "__Host-"
ONE_YEAR = 31_536_000
StaffSessionMiddleware = staff_side(SessionMiddleware)
StaffAuthenticationMiddleware = staff_side(AuthenticationMiddleware)


class ClientAddressMiddleware:
    """Behind our own proxy, the visitor's address is the last one that the proxy noted (RFC 7239, 5.2).

    Only that last entry is ours: everything before it is what the visitor claimed. Without BEHIND_PROXY
    the header is not looked at.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        noted = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
        last = noted.rpartition(",")[2].strip()
        # None noted, or none that is an address: the connection's own stands.
        with suppress(ValueError):
            request.META["REMOTE_ADDR"] = str(ip_address(last))
        return self.get_response(request)


class HostCookiesMiddleware:
    """Over TLS every cookie belongs to its host alone: `__Host-`, Secure, no Domain (RFC 6265bis, 4.1.3.2).

    The rest of the code knows cookies by their plain names. By the request's own scheme: an agency's domain
    is https beside a platform that may be plain http. Over TLS a cookie without the prefix is not seen at
    all: a neighbouring host or somebody on an open network may have planted it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (settings.IS_HTTPS or request.is_secure()):
            return self.get_response(request)
        request.COOKIES = {
            name.removeprefix(PREFIX): value
            for name, value in request.COOKIES.items()
            if name.startswith(PREFIX)
        }
        response = self.get_response(request)
        for name in list(response.cookies):
            _bind_to_host(response, name)
        return response


def _bind_to_host(response: HttpResponse, name: str) -> None:
    morsel = response.cookies.pop(name)
    bound = name if name.startswith(PREFIX) else f"{PREFIX}{name}"
    morsel.set(bound, morsel.value, morsel.coded_value)
    # Taking a cookie away counts as setting it: without Secure browsers would not heed it either.
    as_a_host_cookie: dict[str, Any] = {"secure": True, "path": "/", "domain": ""}
    morsel.update(as_a_host_cookie)
    response.cookies[bound] = morsel


class SecurityHeadersMiddleware:
    """Pages are private unless a view says otherwise; errors and redirects too (safety: isolation)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Cookie"])
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if isinstance(request.place, Portal) and request.place.is_own_domain:
            # Without includeSubDomains: the hosts below it are the customer's, and none of our business.
            response.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
        return response

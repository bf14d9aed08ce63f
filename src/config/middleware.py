"""Staff-side middleware, kept off portal hosts, and the headers that every answer carries."""

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from portal.http import Request
from tenants.routing.middleware import GetResponse, staff_side

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
        return response

"""Staff-side middleware, kept off portal hosts, and the headers that every answer carries."""

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from portal.http import Request
from tenants.routing.middleware import GetResponse, staff_side

StaffSessionMiddleware = staff_side(SessionMiddleware)
StaffAuthenticationMiddleware = staff_side(AuthenticationMiddleware)


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

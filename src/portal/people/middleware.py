"""Pages in the reader's own language and zone, and on the host where the portal lives."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation

from portal.http import Request
from portal.people import leading
from tenants.routing.middleware import GetResponse

LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


class ClientLocaleMiddleware:
    """The client's on portals, the agency's on consoles; stands after AudienceMiddleware, which finds the client."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if request.agency is None:
            return self.get_response(request)
        language, zone = _locale(request)
        with translation.override(language), timezone.override(zone):
            return self.get_response(request)


def _locale(request: Request) -> tuple[str, ZoneInfo]:
    client, agency = request.client, request.agency
    language = (client.language if client else "") or agency.language
    zone = (client.zone if client else "") or agency.zone
    return language if language in LANGUAGES else settings.LANGUAGE_CODE, ZoneInfo(zone)


class MovingMiddleware:
    """Leads browsers from the portal's other hosts to the agency's own domain; stands before the gate.

    Only pages that somebody goes to: whatever a page of the old host asks for, forms above all, is still
    answered there, so that nothing typed is lost.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and leading.is_left(request) and 300 <= response.status_code < 400:
            leading.let_stay(response)
        return response

    def process_view(
        self, request: Request, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view answer here."""
        if not leading.is_left(request) or leading.stays(request, view):
            return None
        return leading.lead(request)

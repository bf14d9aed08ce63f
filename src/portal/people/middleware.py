"""Pages in the reader's own language and zone: the client's on portals, the agency's on consoles."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation

from portal.http import Request
from tenants.routing.middleware import GetResponse

LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


class ClientLocaleMiddleware:
    """Stands after AudienceMiddleware, which finds the client."""

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

"""Refuses a body that is too large before a byte of it is read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from tenants.routing.middleware import GetResponse
from tenants.routing.resolve import Console

# The other fields of a form and the lines between its parts.
ROOM_FOR_FIELDS = 1024**2
API_PATH = "/api/"


class BodyLimitMiddleware:
    """413 by Content-Length. Who is not signed in has nothing to upload and gets room for a form only.

    Stands after the middleware that knows the person, and so before anything that reads the body (the
    CSRF check does, in process_view). A body without a length arrives empty: WSGI knows no other.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _announced(request) > most_bytes(request):
            response = HttpResponse(render_to_string("errors/413.html"), status=413)
            response["Cache-Control"] = "no-store"
            return response
        return self.get_response(request)


def most_bytes(request: HttpRequest) -> int:
    """What this person may send in one request."""
    # The API knows its caller by a key that it checks before it reads the body.
    is_api = isinstance(request.place, Console) and request.path_info.startswith(API_PATH)
    if request.client or request.staff or is_api:
        return int(settings.UPLOAD_LIMIT_BYTES) + ROOM_FOR_FIELDS
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0

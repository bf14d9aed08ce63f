"""Refuses a body that is too large before a byte of it is read."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string

from portal.http import Request
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

    def __call__(self, request: Request) -> HttpResponse:
        if _announced(request) > most_bytes(request):
            return _too_large(request)
        return self.get_response(request)


def most_bytes(request: Request) -> int:
    """What this person may send in one request."""
    # The API has let nobody without a key come so far.
    if request.client or request.staff or _is_api(request):
        return int(settings.UPLOAD_LIMIT_BYTES) + ROOM_FOR_FIELDS
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _too_large(request: Request) -> HttpResponse:
    response: HttpResponse
    if _is_api(request):
        response = JsonResponse({"errors": {"": ["This is too large."]}}, status=413)
    else:
        response = HttpResponse(render_to_string("errors/413.html"), status=413)
    response["Cache-Control"] = "no-store"
    return response


def _is_api(request: Request) -> bool:
    return isinstance(request.place, Console) and request.path_info.startswith(API_PATH)


def _announced(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0

"""Pages of no audience in particular: health and errors."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from portal.people import viewing
from tenants.routing.resolve import Portal


def health(request: HttpRequest) -> HttpResponse:
    """Whether this process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # No context processors: whatever failed may fail again in them. The banner's row is read already.
    return render(None, "errors/500.html", viewing.banner(request), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than its cookie: say so, and how to go on."""
    if isinstance(getattr(request, "place", None), Portal) and getattr(request, "client", None) is None:
        return render(request, "portal/sign_in/form_expired.html", {"again": "/sign-in/"}, status=403)
    return render(request, "errors/403.html", {"form_expired": True}, status=403)

"""The callback, on the platform's host. It shows nothing but where the way ends."""

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenants.openid import operations
from tenants.openid.models import Attempt
from tenants.openid.provider import NotBelieved, Unreachable

log = structlog.get_logger(__name__)
LONGEST = 2048  # characters of a parameter that is looked at


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Google sends the browser here; it goes on to the portal where it began, with a code or with a reason."""
    state, code = _parameter(request, "state"), _parameter(request, "code")
    attempt = operations.come_back(state) if state else None
    if attempt is None:
        response = render(request, "openid/lost.html", status=410)
    elif not code:
        response = _to_portal(attempt, "/sign-in/google/no/?why=cancelled")
    else:
        response = _to_portal(attempt, _path(request, attempt, state, code))
    response["Referrer-Policy"], response["Cache-Control"] = "no-referrer", "no-store"
    return response


def _path(request: HttpRequest, attempt: Attempt, state: str, code: str) -> str:
    try:
        identity = operations.identify(state=state, code=code, issuer=_parameter(request, "iss"))
    except Unreachable as reason:
        log.warning("google.unreachable", reason=str(reason))
        return "/sign-in/google/no/?why=unreachable"
    except NotBelieved as reason:
        log.warning("google.not_believed", reason=str(reason), host=attempt.host)
        return "/sign-in/google/no/?why=refused"
    return f"/arrive/google/{operations.hand_over(attempt, identity)}/"


def _parameter(request: HttpRequest, name: str) -> str:
    # A parameter given twice is an attempt to have two readers see two things.
    values = request.GET.getlist(name)
    return values[0] if len(values) == 1 and len(values[0]) <= LONGEST else ""


def _to_portal(attempt: Attempt, path: str) -> HttpResponse:
    return HttpResponseRedirect(attempt.agency.current().origin_of(attempt.host) + path)

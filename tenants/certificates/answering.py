"""Answers the certificate authority's question over http, for any host (RFC 8555 §8.3)."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound

from tenants.agencies.current import leave_agency
from tenants.certificates.models import Challenge
from tenants.routing.middleware import GetResponse

PATH = "/.well-known/acme-challenge/"
# base64url (RFC 8555 §8.1): what is none is not worth a query.
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")


class ChallengeMiddleware:
    """Stands before everything: CAs ask by plain http, on hosts that no portal answers on yet.

    What it tells is no secret, and of use only to the CA account that asked for it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        answer = _answer(request.path_info.removeprefix(PATH))
        answer["Cache-Control"] = "no-store"
        return answer


def _answer(token: str) -> HttpResponse:
    # The thread's last request may have been in an agency, whose path has no public tables.
    leave_agency()
    known = Challenge.objects.filter(pk=token).first() if TOKEN.fullmatch(token) else None
    if known is None:
        return HttpResponseNotFound("", content_type="text/plain")
    return HttpResponse(known.key_authorization, content_type="application/octet-stream")

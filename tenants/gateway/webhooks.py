"""What Stripe calls. Verify, store once, acknowledge: no rule and no call to Stripe in the request."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tenants.gateway import inbox
from tenants.gateway.models import Endpoint
from tenants.gateway.signatures import is_signed


@csrf_exempt
@require_POST
def platform(request: HttpRequest) -> HttpResponse:
    """Events of our own account."""
    return _receive(request, Endpoint.PLATFORM, settings.STRIPE_WEBHOOK_SECRETS)


@csrf_exempt
@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """Events of agencies' accounts."""
    return _receive(request, Endpoint.CONNECT, settings.STRIPE_CONNECT_WEBHOOK_SECRETS)


def _receive(request: HttpRequest, endpoint: Endpoint, secrets: list[str]) -> HttpResponse:
    if not is_signed(request.body, request.headers.get("Stripe-Signature", ""), secrets):
        return _said("not signed by one of our secrets", 400)
    try:
        inbox.store(json.loads(request.body), endpoint)
    except ValueError:
        return _said("not an event", 400)
    return _said("received", 200)


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain")

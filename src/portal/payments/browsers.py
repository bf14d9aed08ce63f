"""What a browser may load on the pages where Stripe takes part; nowhere else in the portal."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

# https://docs.stripe.com/security/guide#content-security-policy
_SCRIPTS = ["https://js.stripe.com", "https://*.js.stripe.com", "https://checkout.stripe.com"]
_FRAMES = [*_SCRIPTS, "https://hooks.stripe.com"]
_ASKED = ["https://api.stripe.com", "https://checkout.stripe.com"]
_PICTURES = ["https://*.stripe.com"]
_ONBOARDING = ["https://connect.stripe.com"]


def with_checkout(response: HttpResponse) -> HttpResponse:
    """Let this one page show Stripe's embedded Checkout."""
    ours = _origin(settings.STRIPE_JS_URL)
    return _with(
        response,
        {
            "script-src": [*_SCRIPTS, *ours],
            "frame-src": [*_FRAMES, *ours],
            "connect-src": [*_ASKED, *ours],
            "img-src": _PICTURES,
        },
    )


def with_onboarding(response: HttpResponse) -> HttpResponse:
    """Let a form of this one page lead on to Stripe: browsers count the redirect as a part of it."""
    # The simulator's pages are where its script is; its API may have another name.
    simulator = _origin(settings.STRIPE_JS_URL)
    return _with(response, {"form-action": [*_ONBOARDING, *simulator]})


def _with(response: HttpResponse, more: dict[str, list[str]]) -> HttpResponse:
    marked: Any = response
    marked._csp_update = more
    return response


def _origin(url: str) -> list[str]:
    """The simulator's origin; Stripe's own is in the lists."""
    parts = urlsplit(url)
    is_ours = parts.netloc and not parts.netloc.endswith("stripe.com")
    return [f"{parts.scheme}://{parts.netloc}"] if is_ours else []

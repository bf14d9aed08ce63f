"""Settings that would pay, or seem to pay, at the wrong place are refused at the start."""

import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def stripe_settings(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """A real key goes to Stripe only; a simulator is for the demo and for tests only."""
    return list(_errors(settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY, settings.PORTICO_DEMO))


def _errors(base: str, key: str, is_demo: bool) -> list[Error]:
    found = []
    if base and "_live_" in key:
        found.append(
            Error(
                "STRIPE_SECRET_KEY is a live key: it must not be sent to STRIPE_API_BASE.", id="gateway.E001"
            )
        )
    if base and not is_demo and "pytest" not in sys.modules:
        found.append(Error("STRIPE_API_BASE is for the demo and for tests: unset it.", id="gateway.E002"))
    return found

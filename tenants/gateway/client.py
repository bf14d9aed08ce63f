"""The client of Stripe's API. Nothing else in the code base makes one, and no module global is set."""

import functools

import stripe
from django.conf import settings

CONNECT_SECONDS, ANSWER_SECONDS = 2, 10
RETRIES = 2


class NotConfigured(RuntimeError):
    """This installation has no key: nothing is paid by card here."""


def is_configured() -> bool:
    """Whether cards can be taken at all; without a key people pay by transfer."""
    return bool(settings.STRIPE_SECRET_KEY)


def is_live() -> bool:
    """Whether the key moves real money; events of the other mode are not for us."""
    return "_live_" in settings.STRIPE_SECRET_KEY


def stripe_client() -> stripe.StripeClient:
    """The platform's client. For a connected account add `{"stripe_account": id}` to a call's options.

    Raises:
        NotConfigured: there is no key.
    """
    if not is_configured():
        raise NotConfigured("STRIPE_SECRET_KEY is not set")
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@functools.cache
def _client(key: str, base: str) -> stripe.StripeClient:
    http = stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
    if base:
        return stripe.StripeClient(
            key, base_addresses={"api": base}, max_network_retries=RETRIES, http_client=http
        )
    return stripe.StripeClient(key, max_network_retries=RETRIES, http_client=http)

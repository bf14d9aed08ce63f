"""The agency's own account at Stripe, as the rest of the portal reaches it."""

import stripe
from stripe import RequestOptions

from kit.refused import Refused
from tenants.agencies.current import current_agency
from tenants.gateway.accounts import account_of
from tenants.gateway.client import is_configured, stripe_client


class NoCards(Refused):
    """The agency cannot take card payments (any more, yet, or ever)."""

    words = "Card payments are not possible here at the moment. Please pay by transfer."


def stripe_of_agency(key: str = "") -> tuple[stripe.StripeClient, RequestOptions]:
    """The client and the options of a call on the agency's account; `key` is an idempotency key.

    Raises:
        NoCards: the agency has no account.
    """
    account = account_of(current_agency()) if is_configured() else None
    if account is None or not account.stripe_account_id:
        raise NoCards
    options: RequestOptions = {"stripe_account": account.stripe_account_id}
    if key:
        options["idempotency_key"] = key
    return stripe_client(), options

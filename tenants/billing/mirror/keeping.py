"""dj-stripe's mirror of what our own account says. Nothing is decided by it; it may be behind or fail.

Only objects of the platform's account come here, never those of a connected one: dj-stripe would file them
under ours (payments.md §2).
"""

from typing import Any

import stripe
from django.conf import settings
from djstripe.models import Account, Customer, Invoice, Subscription

from tenants.gateway.client import is_configured
from tenants.gateway.models import InboxEvent

MIRRORED: dict[str, Any] = {"subscription": Subscription, "invoice": Invoice, "customer": Customer}


def mirror(event_id: str) -> bool:
    """Fetch the event's object and let dj-stripe keep it; whether there was something to keep.

    Raises:
        stripe.StripeError: Stripe does not answer; the job tries again.
    """
    event = InboxEvent.objects.get(event_id=event_id)
    if event.endpoint != "platform" or event.account or not is_configured():
        return False
    kept = MIRRORED.get(event.payload["data"]["object"]["object"])
    if kept is None:
        return False
    _point_at_stripe()
    try:
        found = kept(id=event.object_id).api_retrieve(api_key=settings.STRIPE_SECRET_KEY)
    except stripe.InvalidRequestError as error:
        if error.http_status != 404:
            raise
        return False  # it is gone; no number of tries brings it back
    kept.sync_from_stripe_data(found)
    return True


def _point_at_stripe() -> None:
    # dj-stripe knows no client object, only the library's global.
    stripe.api_base = settings.STRIPE_API_BASE or "https://api.stripe.com"


def _no_owner(cls: type[Account], api_key: str) -> None:
    """Objects here have no owner: they are all ours.

    dj-stripe would look the account up by the key, and write the key into a table for it.
    """


Account.get_or_retrieve_for_api_key = classmethod(_no_owner)

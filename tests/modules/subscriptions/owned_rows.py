"""Rows of what was bought."""

from typing import Any

from kit import clock
from modules.subscriptions.models import Kind, Offer, Subscription
from portal.people.models import Client
from tests.owned_rows import OwnedRow


def subscription(offer: Offer | None = None, **owner: Any) -> Subscription:
    offer = offer or Offer.objects.get_or_create(name="Care", slug="care", kind=Kind.FREE)[0]
    buyer = owner.get("client") or Client.objects.order_by("pk")[0]
    made: Subscription = Subscription.objects.create(
        offer=offer, buyer=buyer, kind=Kind.FREE, minor=0, state="active", started_at=clock.now(), **owner
    )
    return made


ROWS = {Subscription: OwnedRow(subscription, is_money=True)}

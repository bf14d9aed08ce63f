"""What the portal's dashboard and menu say about subscriptions."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from modules.subscriptions import queries
from modules.subscriptions.models import Offer, Subscription
from portal.http import Request
from portal.module import Card, Waiting
from portal.people.models import Right

SHOWN = 3


def load(request: Request) -> Mapping[str, Any] | None:
    """What runs, with the next payment; None when nothing does."""
    active, _ = queries.mine(request.client)
    if not active:
        return None
    return {"rows": active[:SHOWN], "more": len(active) > SHOWN}


def waiting(request: Request) -> list[Waiting]:
    """The payments that did not go through, for those who may pay them."""
    return [
        Waiting(f"Pay for {one}", reverse("subscriptions:show", args=[one.pk]))
        for one in queries.late(request.client)
        if request.client.may(Right.PAY, one.company)
    ]


def has_content(request: Request) -> bool:
    """Whether this client has or had something, or finds an offer here."""
    mine = Subscription.objects.visible_to(request.client).bought()
    return mine.exists() or Offer.objects.found_by(request.client).exists()


def has_offers() -> bool:
    """Whether the agency sells something: its first step is done."""
    return Offer.objects.exists()


CARD = Card(template="subscriptions/client/card.html", load=load)

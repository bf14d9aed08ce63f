"""What the portal's dashboard and menu say about subscriptions."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from modules.subscriptions import queries
from modules.subscriptions.models import Offer, Subscription
from portal.http import Request
from portal.module import Card, Waiting
from portal.people.models import Client, Right

SHOWN = 3


def load(request: Request) -> Mapping[str, Any] | None:
    """What runs, with the next payment; None when nothing does."""
    active, _ = _mine(request)
    if not active:
        return None
    return {"rows": active[:SHOWN], "more": len(active) > SHOWN}


def panel(request: Request, client: Client) -> Mapping[str, Any] | None:
    """On a client's page in the console: what they have, alone or for a company whose money they see."""
    served = Subscription.objects.served_by(request.staff)
    active, past = queries.mine(client, among=served)
    return {"rows": active + past} if active or past else None


def waiting(request: Request) -> list[Waiting]:
    """The payments that did not go through, and those that cannot be taken, for whoever may pay them."""
    if not _mine(request)[0]:
        return []
    late = [(one, f"Pay for {one}") for one in queries.late(request.client)]
    bare = [(one, f"Add a payment method for {one}") for one in queries.without_card(request.client)]
    return [
        Waiting(
            words,
            reverse("subscriptions:show", args=[one.pk]),
            key=f"subscriptions.subscription:{one.pk}",
            company_id=one.company_id,
        )
        for one, words in late + bare
        if request.client.may(Right.PAY, one.company)
    ]


def has_content(request: Request) -> bool:
    """Whether this client has or had something, or finds an offer here."""
    known = getattr(request, "subscriptions_mine", None)
    has_any = any(known) if known else Subscription.objects.visible_to(request.client).bought().exists()
    return has_any or Offer.objects.found_by(request.client).exists()


def has_offers() -> bool:
    """Whether the agency sells something: its first step is done."""
    return Offer.objects.exists()


def _mine(request: Request) -> tuple[list[queries.Row], list[queries.Row]]:
    """Read once for card, waiting lines and menu together: what runs, what is over."""
    found: tuple[list[queries.Row], list[queries.Row]] | None = getattr(request, "subscriptions_mine", None)
    if found is None:
        found = queries.mine(request.client)
        setattr(request, "subscriptions_mine", found)  # noqa: B010 (only these functions know it)
    return found


CARD = Card(template="subscriptions/client/card.html", load=load)

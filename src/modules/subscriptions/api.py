"""Offers and subscriptions for the agency's own programs. Reading only: clients buy, Stripe says what became of it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema

from modules.subscriptions.models import Offer, Subscription
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request

router = Router(tags=["subscriptions"])


class OfferOut(Schema):
    """Something that the agency sells. `gross_minor` is charged each time, in minor units, tax included."""

    id: int
    name: str
    slug: str
    summary: str
    kind: str
    gross_minor: int
    currency: str
    tax_name: str
    tax_percent: Decimal
    interval: str
    every: int
    instalments: int
    trial_days: int
    group: str
    grants: list[str]
    is_open: bool
    is_listed: bool
    is_invited_only: bool
    archived_at: datetime | None


class SubscriptionOut(Schema):
    """What somebody bought, as agreed then, and where it stands. Amounts in minor units, tax included.

    `state`: trialing, active, past_due, paused, unpaid, canceled, completed. `cancel_at`: it ends then, as decided.
    """

    id: int
    offer_id: int
    state: str
    kind: str
    company_id: int | None
    client_id: int | None
    buyer_id: int
    minor: int
    off_minor: int
    currency: str
    tax_percent: Decimal
    interval: str
    every: int
    grants: list[str]
    started_at: datetime
    trial_ends_at: datetime | None
    period_ends_at: datetime | None
    past_due_since: datetime | None
    paused_until: datetime | None
    cancel_at: datetime | None
    cancel_reason: str
    ended_at: datetime | None
    upcoming_minor: int | None


class BillOut(Schema):
    """One payment of a subscription: open, paid, void or uncollectible."""

    id: int
    state: str
    minor: int
    paid_minor: int
    currency: str
    period_from: datetime | None
    period_to: datetime | None
    made_at: datetime
    paid_at: datetime | None


class SubscriptionWithBills(SubscriptionOut):
    """A subscription with its payments, the newest first."""

    bills: list[BillOut]


@router.get("/", response={200: Paged[SubscriptionOut], **ANSWERS})
def list_subscriptions(request: Request, paging: Query[Paging], state: str = "") -> dict[str, Any]:
    """All that was bought, newest first; what was begun and not paid is left out."""
    found = Subscription.objects.bought()
    return paged(found.filter(state=state) if state else found, paging, _out)


@router.get("/offers/", response={200: Paged[OfferOut], **ANSWERS})
def list_offers(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """All offers, newest first, archived ones included."""
    return paged(Offer.objects.all(), paging, lambda offer: _fields(OfferOut, offer))


@router.get("/{int:subscription_id}/", response={200: SubscriptionWithBills, **ANSWERS})
def show_subscription(request: Request, subscription_id: int) -> dict[str, Any]:
    """One with its payments."""
    found = Subscription.objects.bought().filter(pk=subscription_id).first()
    if found is None:
        raise Http404
    bills = [_fields(BillOut, bill) for bill in found.bills.all()[:100]]
    return {**_out(found), "bills": bills}


def _out(one: Any) -> dict[str, Any]:
    return _fields(SubscriptionOut, one)


def _fields(shape: type[Schema], row: Any) -> dict[str, Any]:
    names = [name for name in shape.model_fields if name != "id"]
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}

"""A new price for those who have an offer already: from their next payment on, told beforehand."""

import logging
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import Refused, WrongState
from modules.subscriptions import emails
from modules.subscriptions.models import Kind, Offer, State, Step, Subscription
from modules.subscriptions.models.bought import SubscriptionQuerySet
from modules.subscriptions.operations.asking import refusals
from modules.subscriptions.operations.catalog import price_for
from modules.subscriptions.operations.mirroring import mirror
from modules.subscriptions.queries import price_of
from portal.audit.operations import Trail, record
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Staff

logger = logging.getLogger(__name__)


def paying_another_price(offer: Offer) -> SubscriptionQuerySet:
    """Those who have the offer, pay again, and agreed to another price in the same rhythm and currency."""
    found: SubscriptionQuerySet = Subscription.objects.running().filter(
        offer=offer,
        kind=Kind.RECURRING,
        state__in=(State.ACTIVE, State.TRIALING, State.PAUSED, State.PAST_DUE),
        currency=offer.currency,
        interval=offer.interval,
        every=offer.every,
        stripe_id__isnull=False,
    )
    return found.exclude(minor=offer.gross_minor).exclude(steps__in=_waiting(offer))


@transaction.atomic
def move_to_price(offer: Offer, *, by: Staff, trail: Trail | None = None) -> int:
    """Decide that everybody pays today's price from the next payment on; how many that are.

    Each is a Step, committed here; a job then asks Stripe.

    Raises:
        WrongState: nobody pays another price.
    """
    held = Offer.objects.select_for_update().get(pk=offer.pk)
    moved = list(paying_another_price(held).select_related("company", "client"))
    if not moved:
        raise WrongState("Everybody pays this price already.")
    words = price_of(held)
    for one in moved:
        Step.objects.create(subscription=one, kind=Step.Kind.PRICE, staff=by, words=f"to {words}")
    summary = f"{len(moved)} subscribers of {held} pay {words} from their next payment on"
    record("subscriptions.price_moved", held, by=by, summary=summary, **(trail or {}))
    return len(moved)


def carry_out_prices() -> int:
    """Tell Stripe, then the client, for every step that waits; how many are done. Not inside a transaction.

    One that Stripe refuses waits for the next time, and holds up nobody else.
    """
    waiting = Step.objects.filter(kind=Step.Kind.PRICE, done_at=None).select_related("subscription__offer")
    done = 0
    for step in waiting.order_by("pk"):
        try:
            done += _carry_out(step)
        except Refused as refused:
            logger.warning("price step %s waits: %s", step.pk, refused.words)
    return done


def _carry_out(step: Step) -> bool:
    subscription = step.subscription
    if not subscription.is_running:  # it ended meanwhile
        return bool(Step.objects.filter(pk=step.pk, done_at=None).update(done_at=clock.now()))
    with refusals():
        price = price_for(subscription.offer)
        client, options = stripe_of_agency(f"subscription:{step.uid}")
        params: Any = {
            "items": [{"id": subscription.item_id, "price": price.price_id}],
            # Nothing of the present period is counted anew.
            "proration_behavior": "none",
        }
        client.v1.subscriptions.update(str(subscription.stripe_id), params, options)
        offer = subscription.offer
        Subscription.objects.filter(pk=subscription.pk).update(
            tax_name=offer.tax_name, tax_percent=offer.tax_percent
        )
        mirror(str(subscription.stripe_id))
    with transaction.atomic():
        if Step.objects.filter(pk=step.pk, done_at=None).update(done_at=clock.now()):
            emails.tell_price(Subscription.objects.get(pk=subscription.pk))
    return True


def _waiting(offer: Offer) -> Any:
    return Step.objects.filter(kind=Step.Kind.PRICE, done_at=None, subscription__offer=offer)

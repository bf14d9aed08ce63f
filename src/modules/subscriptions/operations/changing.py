"""What is done to a running subscription. Each is a Step, committed before Stripe is asked, and then a look.

Nothing is written here about the outcome: `mirror` reads it from Stripe.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kit import clock
from kit.money import from_stripe
from kit.refused import NotValid, WrongState
from modules.subscriptions import emails
from modules.subscriptions.models import Kind, Offer, State, Step, Subscription
from modules.subscriptions.operations.asking import refusals
from modules.subscriptions.operations.catalog import price_for
from modules.subscriptions.operations.checks import NotOffered, check_may_pay, hold
from modules.subscriptions.operations.granting import settle_grants
from modules.subscriptions.operations.mirroring import mirror
from modules.subscriptions.operations.reading import moment
from modules.subscriptions.queries import plans_for
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Staff

OFFER_STANDS = timedelta(minutes=30)  # a previewed price may be taken for so long


@dataclass(frozen=True)
class Preview:
    """What changing costs: now, and each time from then on; minor units of the subscription's currency."""

    offer: Offer
    now_minor: int
    credit_minor: int
    next_minor: int
    next_at: datetime | None
    at: int  # Stripe's seconds: the moment that the proration is counted for


def preview_plan(subscription: Subscription, offer: Offer, *, client: Client) -> Preview:
    """What changing to `offer` right now would cost, as Stripe counts it.

    Raises:
        NotAllowed, NotOffered, WrongState: it cannot be changed to this.
        NoCards, StripeFailed: as `asking.refusals`.
    """
    _check_plan(subscription, offer, client)
    at = int(clock.now().timestamp())
    with refusals():
        price = price_for(offer)
        stripe_client, options = stripe_of_agency()
        params: Any = {
            "subscription": subscription.stripe_id,
            "subscription_details": {
                "items": [{"id": subscription.item_id, "price": price.price_id}],
                "proration_behavior": "always_invoice",
                "proration_date": at,
            },
        }
        invoice = stripe_client.v1.invoices.create_preview(params, options)
    total = from_stripe(invoice.total, invoice.currency)
    return Preview(
        offer=offer,
        now_minor=max(0, from_stripe(invoice.amount_due, invoice.currency)),
        credit_minor=max(0, -total),
        next_minor=offer.gross_minor * subscription.quantity,
        next_at=subscription.period_ends_at,
        at=at,
    )


def change_plan(
    subscription: Subscription, offer: Offer, *, client: Client, at: int, trail: Trail | None = None
) -> Subscription:
    """Change to `offer` at once, for the price that was previewed at `at`.

    Raises:
        NotValid: the preview is too old; look again.
        NotAllowed, NotOffered, WrongState: it cannot be changed to this.
        NoCards, StripeFailed: declined, or as `asking.refusals`; then nothing was changed.
    """
    seen = moment(at)
    if seen is None or not clock.now() - OFFER_STANDS <= seen <= clock.now() + timedelta(minutes=1):
        raise NotValid("The price was counted some time ago. Please look at it again.")
    _check_plan(subscription, offer, client)
    with refusals():
        price = price_for(offer)
    params = {
        "items": [{"id": subscription.item_id, "price": price.price_id}],
        "proration_behavior": "always_invoice",
        "proration_date": at,
        # A declined card leaves the old plan as it was.
        "payment_behavior": "error_if_incomplete",
    }
    return _do(subscription, Step.Kind.PLAN, params, by=client, words=f"to {offer}", trail=trail)


def pause(
    subscription: Subscription, *, days: int, by: Client | Staff, trail: Trail | None = None
) -> Subscription:
    """Nothing is charged and nothing is open for `days` days; then it goes on by itself.

    Raises:
        NotAllowed, NotOffered, WrongState: pausing is not offered, or it is not active.
        NotValid: longer than the offer allows.
    """
    offer = subscription.offer
    if isinstance(by, Client):
        check_may_pay(subscription, by)
        if not offer.may_pause:
            raise NotOffered("This cannot be paused.")
    if subscription.state != State.ACTIVE or subscription.kind != Kind.RECURRING or subscription.cancel_at:
        raise WrongState("Only an active subscription can be paused.")
    if not 1 <= days <= offer.longest_pause_days:
        raise NotValid(f"Choose between 1 and {offer.longest_pause_days} days.", field="days")
    until = clock.now() + timedelta(days=days)
    params = {"pause_collection": {"behavior": "void", "resumes_at": int(until.timestamp())}}
    return _do(subscription, Step.Kind.PAUSE, params, by=by, words=f"for {days} days", trail=trail)


def resume(subscription: Subscription, *, by: Client | Staff, trail: Trail | None = None) -> Subscription:
    """Go on before the pause is over.

    Raises:
        NotAllowed, WrongState: it is not paused.
    """
    if isinstance(by, Client):
        check_may_pay(subscription, by)
    if subscription.state != State.PAUSED:
        raise WrongState("This is not paused.")
    return _do(subscription, Step.Kind.RESUME, {"pause_collection": ""}, by=by, trail=trail)


def cancel(
    subscription: Subscription, *, by: Client | Staff, reason: str = "", trail: Trail | None = None
) -> Subscription:
    """End it when what is paid for ends; something free ends at once.

    Raises:
        NotAllowed, NotOffered, WrongState: clients may not cancel this, or it is ending already.
    """
    if isinstance(by, Client):
        check_may_pay(subscription, by)
        if not subscription.offer.may_cancel:
            raise NotOffered("This cannot be cancelled here. Please get in touch.")
    if subscription.kind in (Kind.ONE_TIME, Kind.INSTALMENTS) and isinstance(by, Client):
        raise NotOffered("What was bought once cannot be cancelled here. Please get in touch.")
    if not subscription.is_running or subscription.is_ending:
        raise WrongState("This is ending already.")
    reason = reason.strip().replace("\x00", "")[:300]
    if not subscription.stripe_id:
        return _end_here(subscription, by=by, reason=reason, trail=trail)
    Subscription.objects.filter(pk=subscription.pk).update(cancel_reason=reason)
    done = _do(
        subscription, Step.Kind.CANCEL, {"cancel_at_period_end": True}, by=by, words=reason, trail=trail
    )
    if isinstance(by, Client) and (step := done.steps.filter(kind=Step.Kind.CANCEL).first()):
        emails.tell_canceled(step)
    return done


def undo_cancel(
    subscription: Subscription, *, by: Client | Staff, trail: Trail | None = None
) -> Subscription:
    """Let it go on after all, until the day on which it ends.

    Raises:
        NotAllowed, WrongState: it is not ending, or over.
    """
    if isinstance(by, Client):
        check_may_pay(subscription, by)
    if not subscription.is_ending:
        raise WrongState("This is not ending, or it is over already.")
    params = {"cancel_at_period_end": False}
    return _do(subscription, Step.Kind.UNDO, params, by=by, trail=trail)


def cancel_now(
    subscription: Subscription, *, by: Staff, reason: str = "", trail: Trail | None = None
) -> Subscription:
    """End it at once; for staff. Nothing is given back by itself.

    Raises:
        WrongState: it is over.
    """
    if subscription.is_over:
        raise WrongState("This has ended already.")
    reason = reason.strip().replace("\x00", "")[:300]
    if not subscription.stripe_id:
        return _end_here(subscription, by=by, reason=reason, trail=trail)
    step = _note(subscription, Step.Kind.CANCEL_NOW, by=by, words=reason, trail=trail)
    with refusals():
        stripe_client, options = stripe_of_agency(f"subscription:{step.uid}")
        stripe_client.v1.subscriptions.cancel(subscription.stripe_id, {"prorate": False}, options)
    return _done(step)


def _do(
    subscription: Subscription,
    kind: Step.Kind,
    params: Any,
    *,
    by: Client | Staff,
    words: str = "",
    trail: Trail | None = None,
) -> Subscription:
    step = _note(subscription, kind, by=by, words=words, trail=trail)
    with refusals():
        stripe_client, options = stripe_of_agency(f"subscription:{step.uid}")
        stripe_client.v1.subscriptions.update(str(subscription.stripe_id), params, options)
    return _done(step)


@transaction.atomic
def _note(
    subscription: Subscription, kind: Step.Kind, *, by: Client | Staff, words: str, trail: Trail | None
) -> Step:
    step = Step.objects.create(
        subscription=subscription,
        kind=kind,
        client=by if isinstance(by, Client) else None,
        staff=by if isinstance(by, Staff) else None,
        words=words,
    )
    summary = f"{step.get_kind_display()} {words}: {subscription} of {subscription.owner}"
    record(f"subscriptions.{kind}", subscription, by=by, summary=summary, **(trail or {}))
    return step


def _done(step: Step) -> Subscription:
    Step.objects.filter(pk=step.pk).update(done_at=clock.now())
    subscription = step.subscription
    with refusals():
        return mirror(str(subscription.stripe_id)) or subscription


@transaction.atomic
def _end_here(
    subscription: Subscription, *, by: Client | Staff, reason: str, trail: Trail | None
) -> Subscription:
    """Free, or paid once: no Stripe subscription to end."""
    held = hold(subscription)
    if held.is_over:
        return held
    step = _note(held, Step.Kind.CANCEL_NOW, by=by, words=reason, trail=trail)
    held.state, held.ended_at, held.cancel_reason = State.CANCELED, clock.now(), reason
    held.save(update_fields=["state", "ended_at", "cancel_reason"])
    step.done_at = clock.now()
    step.save(update_fields=["done_at"])
    settle_grants(held)
    publish("subscriptions.canceled", subscription_id=held.pk)
    emails.tell_ended(held)
    return held


def _check_plan(subscription: Subscription, offer: Offer, client: Client) -> None:
    check_may_pay(subscription, client)
    if subscription.state not in (State.ACTIVE, State.TRIALING) or subscription.is_ending:
        raise WrongState("The plan can be changed while the subscription is active.")
    if offer.pk not in {row.offer.pk for row in plans_for(subscription)}:
        raise NotOffered("It cannot be changed to this.")

"""From an offer to something that runs: for nothing at once, paid once by the portal's checkout, else by Stripe's."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import WrongState
from modules.subscriptions import emails
from modules.subscriptions.models import Coupon, Kind, Offer, State, Subscription
from modules.subscriptions.operations.asking import refusals
from modules.subscriptions.operations.catalog import price_for
from modules.subscriptions.operations.checks import NoCards, NotAllowed, NotOffered, hold
from modules.subscriptions.operations.codes import stripe_coupon, take
from modules.subscriptions.operations.granting import settle_grants
from modules.subscriptions.operations.mirroring import NAME, mirror
from modules.subscriptions.queries import off
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.links import portal_path
from portal.payments.methods import customer_of
from portal.payments.operations import start_checkout
from portal.payments.queries import can_take_cards
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Company, Right


@dataclass(frozen=True)
class Checkout:
    """An open checkout at Stripe: what the page hands to stripe.js."""

    session_id: str
    client_secret: str
    status: str  # open, complete, expired


@transaction.atomic
def begin(
    offer: Offer,
    *,
    client: Client,
    company: Company | None,
    coupon: Coupon | None = None,
    trail: Trail | None = None,
) -> Subscription:
    """Note down what is bought, by whom and for whom, at today's price. What costs nothing runs from here on.

    Raises:
        NotOffered: it is not sold any more, or only to others.
        NotValid: the coupon was used up meanwhile.
        NotAllowed: the client may not pay for this company.
        WrongState: the owner has it already.
        NoCards: it costs something and the agency cannot take cards.
    """
    fresh = Offer.objects.open_to(client).filter(pk=offer.pk).first()
    if fresh is None:
        raise NotOffered("This is not offered any more.")
    if company is not None and not client.may(Right.PAY, company):
        raise NotAllowed("You may not buy for this company.")
    owner: dict[str, Any] = {"company": company} if company else {"client": client, "company": None}
    # Two taps on the button: the second waits here and finds what the first bought.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if Subscription.objects.running().filter(offer=fresh, **owner).exists():
        raise WrongState("You have this already.")
    bought = Subscription(**owner, offer=fresh, buyer=client, kind=fresh.kind)
    if coupon is not None:
        bought.coupon = take(coupon, fresh, owner=company or client)
    _agree(bought)
    costs_nothing = fresh.kind == Kind.FREE or (fresh.kind == Kind.ONE_TIME and not bought.first_minor)
    if not costs_nothing and not can_take_cards():
        raise NoCards
    bought.save()
    summary = f"{client} chose {fresh} for {bought.owner}"
    record("subscriptions.chosen", bought, by=client, summary=summary, **(trail or {}))
    if costs_nothing:
        start_now(bought)
    return bought


def _agree(bought: Subscription) -> None:
    """What is agreed is what the offer says now, less what the coupon takes off."""
    offer, coupon = bought.offer, bought.coupon
    bought.minor, bought.currency = offer.gross_minor, offer.currency
    bought.interval = offer.interval if offer.is_billed_by_stripe else ""
    bought.every, bought.instalments = offer.every, offer.instalments
    bought.grants = offer.grants
    bought.tax_name, bought.tax_percent = offer.tax_name, offer.tax_percent
    bought.off_minor = off(coupon, offer) if coupon else 0


def start_now(held: Subscription) -> None:
    """It runs from now on, without Stripe's subscriptions: free, or paid once. Twice is once; the row is locked."""
    if held.started_at is not None:
        return
    held.state, held.started_at = State.ACTIVE, clock.now()
    held.save(update_fields=["state", "started_at"])
    publish("subscriptions.started", subscription_id=held.pk)
    record("subscriptions.started", held, by=held.buyer, summary=f"{held.owner} has {held}")
    settle_grants(held)
    emails.tell_started(held, None)
    emails.tell_staff_started(held)


def pay_once(subscription: Subscription, *, client: Client) -> Any:
    """Open the portal's own checkout for a single payment; the Payment that leads there. Not in a transaction.

    Raises:
        NotOffered, NotValid: it, or its code, is not to be had any more.
        kit.refused.Refused: no cards, or it is being paid already.
    """
    subscription = _prepare(subscription)
    return start_checkout(
        payable=subscription.source,
        minor=subscription.first_minor,
        currency=subscription.currency,
        client=client,
        company=subscription.company,
        label=str(subscription),
        return_path=portal_path("subscriptions:show", subscription.pk),
    )


def open_checkout(subscription: Subscription) -> Checkout:
    """The checkout of a subscription that is not paid yet; a new one if there is none or it ran out.

    Not inside a transaction.

    Raises:
        NoCards, StripeFailed: as `asking.refusals`.
    """
    with refusals():
        if subscription.session_id:
            now = _checkout(subscription.session_id)
            if now.status != "expired":
                return now
        _expire_others(subscription)
        return _new_session(subscription)


def _new_session(subscription: Subscription) -> Checkout:
    price = price_for(subscription.offer)
    coupon = subscription.coupon
    code = stripe_coupon(coupon, f"{coupon}: {subscription.offer}") if coupon else ""
    customer = customer_of(subscription.owner, email=subscription.buyer.email).stripe_id or ""
    row = _prepare(subscription, account=price.account, customer_id=customer, price_id=price.price_id)
    # Another session after one that ran out is another attempt, so it has another key.
    client, options = stripe_of_agency(f"checkout:{row.uid}:{row.session_id}")
    back = current_agency().portal_url(portal_path("subscriptions:done", row.pk))
    carried: dict[str, Any] = {"metadata": {NAME: str(row.uid)}}
    if row.offer.trial_days:
        carried["trial_period_days"] = row.offer.trial_days
    params: Any = {
        "mode": "subscription",
        "ui_mode": "embedded_page",
        "customer": customer,
        "line_items": [{"price": price.price_id, "quantity": row.quantity}],
        "subscription_data": carried,
        "client_reference_id": str(row.uid),
        "return_url": back,
    }
    if code:
        params["discounts"] = [{"coupon": code}]
    session = client.v1.checkout.sessions.create(params, options)
    Subscription.objects.filter(pk=row.pk).update(session_id=session.id)
    return Checkout(session.id, session.client_secret or "", str(session.status))


@transaction.atomic
def _prepare(subscription: Subscription, **names: str) -> Subscription:
    """Committed before Stripe is asked; the price is today's, which is the one that will be charged.

    Some time may have passed since it was chosen: the offer and its code have to stand still.
    """
    held = hold(subscription)
    if held.stripe_id or held.started_at:
        raise WrongState("This is paid already.")
    if not Offer.objects.open_to(held.buyer).filter(pk=held.offer_id).exists():
        raise NotOffered("This is not offered any more.")
    if held.coupon is not None:
        take(held.coupon, held.offer, owner=held.owner)
    _agree(held)
    for name, value in names.items():
        setattr(held, name, value)
    held.save()
    return held


def _expire_others(subscription: Subscription) -> None:
    """One open checkout of the same offer for the same owner: an older tab must not pay a second time."""
    others = Subscription.objects.filter(
        offer=subscription.offer,
        company=subscription.company,
        client=subscription.client,
        started_at=None,
        stripe_id=None,
    )
    for other in others.exclude(pk=subscription.pk).exclude(session_id=""):
        if _checkout(other.session_id).status == "open":
            client, options = stripe_of_agency()
            client.v1.checkout.sessions.expire(other.session_id, options=options)


def finish_checkout(subscription: Subscription) -> Subscription:
    """After the checkout: look at Stripe's session, take over what it made. Not inside a transaction.

    The return page and the event both come here; neither's own words are believed.

    Raises:
        NoCards, StripeFailed: as `asking.refusals`.
    """
    with refusals():
        if not subscription.session_id:
            return subscription
        client, options = stripe_of_agency()
        session = client.v1.checkout.sessions.retrieve(subscription.session_id, options=options).to_dict()
        made = session.get("subscription")
        stripe_id = made["id"] if isinstance(made, dict) else made
        if session["status"] == "complete" and stripe_id:
            Subscription.objects.filter(pk=subscription.pk, stripe_id=None).update(stripe_id=stripe_id)
            return mirror(stripe_id) or subscription
        return subscription


def _checkout(session_id: str) -> Checkout:
    client, options = stripe_of_agency()
    session = client.v1.checkout.sessions.retrieve(session_id, options=options)
    return Checkout(session.id, session.client_secret or "", str(session.status))

"""THE apply function: fetch what Stripe has now, write what is missing. Events, return pages and the nightly
look all call it, in any order and any number of times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe
from django.db import transaction

from kit import clock
from kit.money import from_stripe
from kit.refused import Refused
from modules.subscriptions import emails
from modules.subscriptions.models import Bill, CatalogPrice, Kind, State, Subscription
from modules.subscriptions.operations import reading
from modules.subscriptions.operations.checks import hold
from modules.subscriptions.operations.grace import climb
from modules.subscriptions.operations.granting import settle_grants
from portal.audit.operations import record
from portal.events import publish
from portal.payments.models import LedgerEntry
from portal.payments.operations import adopt_intent, book_transfer
from portal.payments.stripe_account import stripe_of_agency

TRIES = 5
MOST_BILLS = 100
EXPAND = ["default_payment_method"]
NAME = "portico_subscription"  # the metadata in which Stripe carries our uid


@dataclass(frozen=True)
class Look:
    """What Stripe had at one moment, plain dictionaries."""

    subscription: Mapping[str, Any]
    bills: list[Mapping[str, Any]]
    upcoming: int | None
    method: Mapping[str, Any] | None


class Changed(Refused):
    """Others wrote again and again while we looked, so what is there is new. A job tries later."""

    words = "The payment service has news at this moment. Please look at it again."


def mirror(stripe_id: str) -> Subscription | None:
    """Bring our row to what Stripe says now; None: it is no subscription of ours.

    Not inside a transaction. Two at once do no harm: what was fetched is written only if nobody wrote since
    before it was fetched; otherwise it is fetched again. So an older answer never covers a newer one.

    Raises:
        Changed: others wrote each time; the job's next attempt does it.
        stripe.StripeError: Stripe does not answer.
    """
    for _ in range(TRIES):
        row = Subscription.objects.filter(stripe_id=stripe_id).first()
        look = fetch(stripe_id)
        if look is None:
            return None
        if row is None:
            if not _link(stripe_id, look.subscription):
                return None
            continue
        written = _write(row, look)
        if written is not None:
            _adopt_payments(written)
            _set_end(written, look)
            return written
    raise Changed(stripe_id)


def fetch(stripe_id: str) -> Look | None:
    """Stripe's subscription with its invoices; None: this account has none of this id."""
    stripe_client, options = stripe_of_agency()
    try:
        found = stripe_client.v1.subscriptions.retrieve(stripe_id, {"expand": EXPAND}, options)
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            return None
        raise
    bills = stripe_client.v1.invoices.list(
        {"subscription": stripe_id, "limit": MOST_BILLS, "expand": ["data.payments"]}, options
    )
    seen = found.to_dict()
    return Look(seen, [bill.to_dict() for bill in bills.data], _upcoming(stripe_id, seen), _method(seen))


def _method(seen: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the next payment is taken from: the subscription's own, else its customer's; None: nothing is left."""
    chosen = seen.get("default_payment_method")
    if chosen and chosen["customer"]:  # whoever removes a card leaves its name here
        return dict(chosen)
    stripe_client, options = stripe_of_agency()
    expand: Any = {"expand": ["invoice_settings.default_payment_method"]}
    customer = stripe_client.v1.customers.retrieve(reading.id_of(seen["customer"]), expand, options).to_dict()
    found = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return dict(found) if found else None


def _upcoming(stripe_id: str, seen: Mapping[str, Any]) -> int | None:
    """What the next invoice will be about, in minor units; None when there is none to come."""
    is_ending = seen.get("cancel_at_period_end") or seen.get("pause_collection")
    if seen["status"] not in ("trialing", "active", "past_due") or is_ending:
        return None
    stripe_client, options = stripe_of_agency()
    try:
        preview = stripe_client.v1.invoices.create_preview({"subscription": stripe_id}, options)
    except stripe.InvalidRequestError:  # nothing more will be billed, e.g. after the last instalment
        return None
    return from_stripe(preview.amount_due, preview.currency)


@transaction.atomic
def _link(stripe_id: str, seen: Mapping[str, Any]) -> bool:
    """Give our row, made before the checkout, Stripe's name of it. Only if Stripe's customer is the row's."""
    try:
        uid = UUID(str((seen.get("metadata") or {}).get(NAME, "")))
    except ValueError:
        return False
    row = Subscription.objects.select_for_update().filter(uid=uid, stripe_id=None).first()
    if row is None or not row.customer_id or row.customer_id != reading.id_of(seen["customer"]):
        # Somebody else may have linked it a moment ago: then it is there now.
        return Subscription.objects.filter(stripe_id=stripe_id).exists()
    row.stripe_id = stripe_id
    row.save(update_fields=["stripe_id"])
    return True


@transaction.atomic
def _write(row: Subscription, look: Look) -> Subscription | None:
    held = hold(row)
    if held.version != row.version:
        return None
    before, had_method = (held.state, held.started_at), bool(held.method)
    fresh = reading.columns(look.subscription, look.bills, kind=held.kind, instalments=held.instalments)
    # What was paid in full stays open, whatever becomes of Stripe's object.
    if held.state == State.COMPLETED:
        fresh["state"] = State.COMPLETED
    for name, value in fresh.items():
        setattr(held, name, value)
    _follow_plan(held)
    held.started_at = held.started_at or reading.started(look.subscription)
    held.upcoming_minor = look.upcoming
    held.method = reading.method_words(look.method)
    held.version += 1
    held.save()
    paid = _write_bills(held, look)
    _tell(held, *before, paid=paid)
    if had_method and held.is_without_card:
        emails.tell_without_card(held)
    climb(held)
    settle_grants(held)
    return held


def _follow_plan(held: Subscription) -> None:
    """Stripe's price says which offer it is now; a price that we did not make changes amounts, not the offer."""
    priced = CatalogPrice.objects.filter(account=held.account, price_id=held.price_id)
    current = priced.select_related("offer").first()
    if current is not None and current.offer_id != held.offer_id:
        held.offer, held.grants = current.offer, current.offer.grants
        held.tax_name, held.tax_percent = current.offer.tax_name, current.offer.tax_percent


def _write_bills(held: Subscription, look: Look) -> list[Bill]:
    """Bring our copies of its invoices up to date; those that turned out to be paid."""
    have = {bill.stripe_id: bill for bill in held.bills.all()}
    paid = []
    for seen in look.bills:
        fresh = reading.bill_columns(seen)
        if fresh is None:
            continue
        bill = have.get(seen["id"]) or Bill(subscription=held, stripe_id=seen["id"])
        if fresh["state"] == Bill.State.PAID != bill.state and fresh["minor"] > 0:
            paid.append(bill)
        for name, value in fresh.items():
            setattr(bill, name, value)
        bill.save()
    return paid


def _tell(held: Subscription, was: str, was_started: datetime | None, *, paid: list[Bill]) -> None:
    """Facts, audit and mails of what turned; all under the lock, so each turn is told once."""
    if held.started_at is not None and was_started is None:
        publish("subscriptions.started", subscription_id=held.pk)
        record("subscriptions.started", held, by=held.buyer, summary=f"{held.owner} has {held}")
        emails.tell_started(held, paid[0] if paid else None)
        emails.tell_staff_started(held)
        paid = paid[1:]
    for bill in paid:
        emails.tell_paid(bill)
    if held.state == was or held.started_at is None:
        return
    record(
        "subscriptions.turned",
        held,
        summary=f"{held}: {held.get_state_display()}",
        change={"state": [was, held.state]},
    )
    if held.is_late and was not in (State.PAST_DUE, State.UNPAID):
        publish("subscriptions.past_due", subscription_id=held.pk)
    if held.state == State.CANCELED:
        held.ended_at = held.ended_at or clock.now()
        held.save(update_fields=["ended_at"])
        publish("subscriptions.canceled", subscription_id=held.pk)
        emails.tell_ended(held)


def _adopt_payments(row: Subscription) -> None:
    """Book what Stripe collected by itself, and what was paid past it; the ledger takes each once."""
    booked = set(LedgerEntry.objects.filter(payable=row.source).values_list("payment__intent_id", "ref"))
    known = {word for pair in booked for word in pair if word}
    for bill in row.bills.filter(state=Bill.State.PAID, paid_minor__gt=0).order_by("made_at", "pk"):
        if known & {bill.intent_id, bill.stripe_id}:
            continue
        amount: dict[str, Any] = {"payable": row.source, "minor": bill.paid_minor, "currency": bill.currency}
        if bill.intent_id:
            adopt_intent(**amount, intent_id=bill.intent_id, client=row.buyer, label=str(row))
        elif bill.is_out_of_band:
            moment = bill.paid_at or bill.made_at
            book_transfer(**amount, client=row.buyer, staff=None, happened_at=moment, ref=bill.stripe_id)


def _set_end(row: Subscription, look: Look) -> None:
    """Instalments end by themselves: Stripe is told the day after the last one, once."""
    begun = reading.started(look.subscription)
    if row.kind != Kind.INSTALMENTS or begun is None or row.cancel_at or look.subscription.get("ended_at"):
        return
    end = reading.after(begun, row.interval, row.every * row.instalments)
    client, options = stripe_of_agency(f"instalments-end:{row.uid}")
    params: Any = {"cancel_at": int(end.timestamp()), "proration_behavior": "none"}
    client.v1.subscriptions.update(str(row.stripe_id), params, options)

"""Single payments through the portal's checkout, a new way to pay, and paying what is late."""

from typing import Any

import stripe
from django.db import transaction

from kit import clock
from kit.refused import WrongState
from modules.subscriptions import emails
from modules.subscriptions.models import Bill, Kind, State, Step, Subscription
from modules.subscriptions.operations.asking import refusals
from modules.subscriptions.operations.buying import Checkout, start_now
from modules.subscriptions.operations.checks import check_may_pay
from modules.subscriptions.operations.granting import settle_grants
from modules.subscriptions.operations.mirroring import mirror
from modules.subscriptions.operations.reading import id_of
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.links import portal_path
from portal.payments.models import EntryKind, LedgerEntry
from portal.payments.payables import Payable
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Right
from portal.people.owned import sees

NOT_MONEY = (EntryKind.FEE, EntryKind.LATE_FEE)


class Purchase(Payable):
    """A subscription as payments see it. What Stripe bills by itself is only booked; a single payment opens it."""

    def lock(self, pk: int) -> Subscription:
        found: Subscription = Subscription.objects.select_for_update(of=("self",)).get(pk=pk)
        return found

    def recompute(self, row: Subscription, entries: list[LedgerEntry]) -> None:
        if row.kind != Kind.ONE_TIME:
            return
        paid = _paid(row, entries)
        if paid >= row.first_minor > 0:
            _reopen(row) if row.is_paid_back else start_now(row)
        elif paid <= 0 and entries and row.state == State.ACTIVE:
            _take_back(row)

    def title(self, row: Subscription) -> str:
        return str(row)

    def url(self, row: Subscription) -> str:
        return portal_path("subscriptions:show", row.pk)

    def may_pay(self, row: Subscription, client: Client) -> bool:
        return sees(client, row, Right.PAY)

    def excess(self, row: Subscription, entries: list[LedgerEntry]) -> int:
        return max(0, _paid(row, entries) - row.first_minor) if row.kind == Kind.ONE_TIME else 0


def _paid(row: Subscription, entries: list[LedgerEntry]) -> int:
    counted = (e for e in entries if e.currency == row.currency and e.kind not in NOT_MONEY)
    return sum(entry.minor for entry in counted)


def _take_back(row: Subscription) -> None:
    """All of it was given back, or the bank took it back, so what it opened closes."""
    row.state, row.ended_at, row.is_paid_back = State.CANCELED, clock.now(), True
    row.save(update_fields=["state", "ended_at", "is_paid_back"])
    settle_grants(row)
    record("subscriptions.refunded", row, summary=f"{row} of {row.owner} was paid back in full")
    publish("subscriptions.canceled", subscription_id=row.pk)
    emails.tell_ended(row)


def _reopen(row: Subscription) -> None:
    """A dispute was won or a refund came back: the money is here again, so it opens again."""
    row.state, row.ended_at, row.is_paid_back = State.ACTIVE, None, False
    row.save(update_fields=["state", "ended_at", "is_paid_back"])
    settle_grants(row)
    record("subscriptions.reopened", row, summary=f"The money for {row} of {row.owner} came back")
    publish("subscriptions.started", subscription_id=row.pk)


def open_card_checkout(subscription: Subscription, *, client: Client, trail: Trail | None = None) -> Step:
    """Begin to change the way to pay: a Step whose `reference` is Stripe's session. Not inside a transaction.

    Raises:
        NotAllowed, WrongState: others decide; it is over, or Stripe does not bill it.
        NoCards, StripeFailed: as `asking.refusals`.
    """
    check_may_pay(subscription, client)
    if not subscription.stripe_id or not subscription.is_running:
        raise WrongState("There is nothing to pay any more.")
    with transaction.atomic():
        step = Step.objects.create(subscription=subscription, kind=Step.Kind.CARD, client=client)
        summary = f"Began to change the payment method of {subscription}"
        record("subscriptions.card", subscription, by=client, summary=summary, **(trail or {}))
    with refusals():
        stripe_client, options = stripe_of_agency(f"card:{step.uid}")
        params: Any = {
            "mode": "setup",
            "ui_mode": "embedded_page",
            "customer": subscription.customer_id,
            "currency": subscription.currency.lower(),
            "return_url": current_agency().portal_url(
                portal_path("subscriptions:card-done", subscription.pk, step.pk)
            ),
        }
        session = stripe_client.v1.checkout.sessions.create(params, options)
    step.reference = session.id
    step.save(update_fields=["reference"])
    return step


def card_checkout(step: Step) -> Checkout:
    """The open checkout of a Step.

    Raises:
        NoCards, StripeFailed: as `asking.refusals`.
    """
    with refusals():
        client, options = stripe_of_agency()
        session = client.v1.checkout.sessions.retrieve(step.reference, options=options)
        return Checkout(session.id, session.client_secret or "", str(session.status))


def finish_card(step: Step) -> Step:
    """Take over the new way to pay and pay what waits with it. Any number of times is once.

    Raises:
        NoCards, StripeFailed: as `asking.refusals`, or the new card is declined for what waits.
    """
    subscription = step.subscription
    if step.done_at is not None:
        return step
    with refusals():
        client, options = stripe_of_agency()
        expand: Any = {"expand": ["setup_intent"]}
        session = client.v1.checkout.sessions.retrieve(step.reference, expand, options).to_dict()
        intent = session.get("setup_intent") or {}
        method = id_of(intent.get("payment_method")) if isinstance(intent, dict) else ""
        if session["status"] != "complete" or not method:
            return step
        client, options = stripe_of_agency(f"card-use:{step.uid}")
        chosen: Any = {"default_payment_method": method}
        client.v1.subscriptions.update(str(subscription.stripe_id), chosen, options)
    Step.objects.filter(pk=step.pk).update(done_at=clock.now())
    step.refresh_from_db()
    pay_late(subscription)
    return step


def pay_late(subscription: Subscription, *, client: Client | None = None) -> Subscription:
    """Collect what is open, with the way to pay that is saved. Not inside a transaction.

    Raises:
        NotAllowed: others decide about this money.
        StripeFailed: declined, or as `asking.refusals`.
    """
    check_may_pay(subscription, client)
    if subscription.stripe_id is None:
        raise WrongState("There is nothing to pay.")
    try:
        with refusals():
            stripe_client, options = stripe_of_agency()
            mirror(subscription.stripe_id)
            for bill in subscription.bills.filter(state=Bill.State.OPEN).order_by("made_at"):
                _collect(stripe_client, bill, options)
    finally:
        with refusals():
            fresh = mirror(subscription.stripe_id)
    return fresh or subscription


def _collect(stripe_client: stripe.StripeClient, bill: Bill, options: Any) -> None:
    """Stripe refuses to pay a paid invoice, so this cannot collect twice."""
    try:
        stripe_client.v1.invoices.pay(bill.stripe_id, options=options)
    except stripe.InvalidRequestError:
        if stripe_client.v1.invoices.retrieve(bill.stripe_id, options=options).status != "paid":
            raise

"""An owner buys a plan: to the hosted Checkout and back. What was bought is read at Stripe, never from the way back."""

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction

from kit import clock
from kit.refused import Refused
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription, Checkout, Interval, Status
from tenants.billing.portal import portal_settings
from tenants.billing.prices import price_id
from tenants.billing.refreshing import refresh, subscription_of
from tenants.gateway.client import is_configured, stripe_client
from tenants.plans import Plan

# Stripe takes the end of a trial only if it is at least two days ahead.
SHORTEST_TRIAL = timedelta(days=2, hours=1)


# A subscription in one of these is ended when another plan is chosen.
LEFT_BEHIND = frozenset({Status.UNPAID, Status.PAUSED, Status.INCOMPLETE})


class CannotBuy(Refused):
    """Nothing is sold here, or not to this agency now."""


def start_checkout(agency_id: int, *, plan: Plan, interval: Interval, by: str, back: str) -> str:
    """The address of the hosted Checkout where this plan is bought.

    What is left of the trial stays free. An older Checkout of the agency is closed first, so that two tabs
    cannot both pay.

    Args:
        by: address of the owner who buys.
        back: absolute address of the page "Plan and billing".

    Raises:
        CannotBuy: no Stripe here; it has a plan already; it is suspended.
        stripe.StripeError: Stripe does not answer or refuses.
    """
    import stripe

    need_stripe()
    agency = Agency.objects.get(pk=agency_id)
    if agency.state in (AgencyState.SUSPENDED, AgencyState.GONE):
        raise CannotBuy("Your agency is suspended. Please write to us.")
    row = refresh(agency_id)
    if row.is_live:
        raise CannotBuy("You have a plan already: change it instead.")
    if row.status in LEFT_BEHIND:
        # Else it could still be paid beside the new one. What it was owed for stays open.
        with suppress(stripe.InvalidRequestError):
            stripe_client().v1.subscriptions.cancel(str(row.stripe_subscription_id))
    customer = customer_of(row, agency, by)
    price = price_id(plan, interval)
    expire_open(agency_id)
    attempt = Checkout.objects.create(uid=uuid.uuid4(), agency=agency, plan=plan, interval=interval, by=by)
    session = stripe_client().v1.checkout.sessions.create(
        _wanted(agency, attempt, customer, price, back), {"idempotency_key": f"plan:{attempt.uid}"}
    )
    Checkout.objects.filter(pk=attempt.pk).update(session_id=session["id"])
    return str(session["url"])


def portal_address(agency_id: int, *, back: str) -> str:
    """The address of Stripe's billing portal: card, billing address and e-mail, tax number.

    Raises:
        CannotBuy: no Stripe here, or it never bought anything.
    """
    need_stripe()
    row = subscription_of(agency_id)
    if not row.stripe_customer_id:
        raise CannotBuy("There is nothing to manage yet: choose a plan first.")
    session = stripe_client().v1.billing_portal.sessions.create(
        {
            "customer": row.stripe_customer_id,
            "return_url": back,
            "configuration": portal_settings(),
        }
    )
    return str(session["url"])


def payment_address(agency_id: int) -> str:
    """The address at Stripe where what is open can be paid or confirmed: with the card on file or another one.

    Raises:
        CannotBuy: no Stripe here, or nothing is open.
    """
    need_stripe()
    row = refresh(agency_id)
    if not row.stripe_customer_id:
        raise CannotBuy("Nothing is open.")
    asked: Any = {"customer": row.stripe_customer_id, "status": "open", "limit": 10}
    for invoice in stripe_client().v1.invoices.list(asked).data:
        if invoice["hosted_invoice_url"]:
            return str(invoice["hosted_invoice_url"])
    raise CannotBuy("Nothing is open: it has been paid meanwhile.")


def invoice_address(agency_id: int, stripe_id: str) -> str:
    """Where the agency's own invoice can be downloaded just now.

    Raises:
        CannotBuy: no Stripe here, or no paper yet.
        PlanInvoice.DoesNotExist: it is not this agency's.
    """
    from tenants.billing.models import PlanInvoice

    need_stripe()
    known = PlanInvoice.objects.get(agency_id=agency_id, stripe_id=stripe_id)
    invoice = stripe_client().v1.invoices.retrieve(known.stripe_id)
    address = invoice["invoice_pdf"] or invoice["hosted_invoice_url"]
    if not address:
        raise CannotBuy("This invoice is not final yet. Please come back in an hour.")
    return str(address)


def customer_of(row: AgencySubscription, agency: Agency, email: str) -> str:
    """The agency's customer at Stripe, made the first time; the same call twice makes one."""
    if row.stripe_customer_id:
        return row.stripe_customer_id
    made = stripe_client().v1.customers.create(
        {"name": agency.name, "email": email, "metadata": {"agency": agency.slug}},
        {"idempotency_key": f"customer:{row.uid}"},
    )
    with transaction.atomic():
        locked = AgencySubscription.objects.select_for_update().get(pk=row.pk)
        locked.stripe_customer_id = locked.stripe_customer_id or made["id"]
        locked.save(update_fields=["stripe_customer_id"])
    return str(locked.stripe_customer_id)


def expire_open(agency_id: int) -> None:
    """Close the Checkouts that are still open; one that is paid already stays as it is."""
    import stripe

    for attempt in Checkout.objects.filter(agency_id=agency_id, state=Checkout.State.OPEN):
        if attempt.session_id:
            # Completed or expired meanwhile: then it is over as well.
            with suppress(stripe.InvalidRequestError):
                stripe_client().v1.checkout.sessions.expire(attempt.session_id)
        Checkout.objects.filter(pk=attempt.pk).update(state=Checkout.State.OVER)


def need_stripe() -> None:
    """That plans can be bought here.

    Raises:
        CannotBuy: no secret key is set.
    """
    if not is_configured():
        raise CannotBuy("Plans cannot be bought on this installation. Please write to us.")


def _wanted(agency: Agency, attempt: Checkout, customer: str, price: str, back: str) -> Any:
    of_subscription: dict[str, Any] = {"metadata": {"agency": agency.slug}}
    ends = agency.trial_ends_at
    if agency.state == AgencyState.TRIAL and ends and ends > clock.now() + SHORTEST_TRIAL:
        of_subscription["trial_end"] = int(ends.timestamp())
    return {
        "mode": "subscription",
        "customer": customer,
        "client_reference_id": str(attempt.uid),
        "line_items": [{"price": price, "quantity": 1}],
        "subscription_data": of_subscription,
        "allow_promotion_codes": True,
        "success_url": f"{back}done/",
        "cancel_url": back,
    }

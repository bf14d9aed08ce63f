"""Updates that count only once they are paid: `payment_behavior=pending_if_incomplete`.

Until then the subscription is as it was, and its latest invoice is open. Paid, the change is applied; voided or
not paid within 23 hours, it is dropped.
"""

from __future__ import annotations

import copy
from typing import Any

from infra.stripe_simulator import billing, cards, judge, subscribing
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.world import Merchant, Object

BEHAVIOUR = "pending_if_incomplete"
# Stripe's list of what may come along; other parameters have to be set by another call.
TAKES = frozenset(
    ["items", "payment_behavior", "proration_behavior", "proration_date", "billing_cycle_anchor", "trial_end"]
)
LONGEST = 23 * 3_600


def refusal_of(merchant: Merchant, subscription: Object) -> str:
    """Why a payment for this subscription could not be collected just now; "": it could."""
    method = billing.method_of(merchant, subscription)
    if not method:
        return "generic_decline"
    means = cards.means_of(merchant, method)
    if means.decline:
        return means.decline
    return "authentication_required" if cards.wants_authentication(merchant, method, done=False) else ""


def waits(merchant: Merchant, subscription: Object, params: Object) -> bool:
    """Whether this update has to wait for its payment; 400 for what cannot be asked for with it."""
    if params.get("payment_behavior") != BEHAVIOUR:
        return False
    if wrong := params.keys() - TAKES:
        words = f"You can't pass `{min(wrong)}` when `payment_behavior` is set to `{BEHAVIOUR}`."
        raise refused(words, param=min(wrong))
    method = billing.method_of(merchant, subscription)
    if method and cards.means_of(merchant, method).kind != "card":
        raise refused("Pending updates are only supported for payment methods that settle at once.")
    if "items" not in params or subscription["status"] == "trialing":
        return False
    return bool(refusal_of(merchant, subscription))


def begin(merchant: Merchant, subscription: Object, params: Object) -> None:
    """Notes the change and makes the invoice that has to be paid for it."""
    drop(merchant, subscription)
    wanted = copy.deepcopy(subscription)
    kept = dict(merchant.store["subscription_item"])
    at = params.get("proration_date")
    lines, _ = subscribing.change_items(merchant, wanted, params["items"], at)
    merchant.store["subscription_item"] = kept
    now = merchant.now(subscription["customer"])
    end = subscribing.items_of(subscription)[0]["current_period_end"]
    subscription["pending_update"] = judge.blank_part(
        "subscription",
        "PendingUpdate",
        expires_at=min(now + LONGEST, end),
        subscription_items=subscribing.items_of(wanted),
    )
    invoice = billing.make_invoice(merchant, subscription, lines, "subscription_update")
    merchant.hidden(invoice["id"])["pending"] = {"items": params["items"], "at": at}
    merchant.emit("customer.subscription.updated", subscription, {"pending_update": None})
    billing.collect(merchant, invoice, off_session=False)


def apply(merchant: Merchant, subscription: Object, change: Object) -> None:
    """The invoice is paid: the change counts."""
    before: dict[str, Any] = {"pending_update": subscription["pending_update"]}
    subscription["pending_update"] = None
    subscribing.change_items(merchant, subscription, change["items"], change["at"])
    merchant.emit("customer.subscription.pending_update_applied", subscription)
    merchant.emit("customer.subscription.updated", subscription, before)


def drop(merchant: Merchant, subscription: Object) -> None:
    """Forgets the change; its invoice is void."""
    if not subscription["pending_update"]:
        return
    subscription["pending_update"] = None
    invoice = merchant.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        billing.void(merchant, invoice)
    merchant.emit("customer.subscription.pending_update_expired", subscription)

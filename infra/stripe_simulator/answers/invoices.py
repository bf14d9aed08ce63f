"""Invoices of subscriptions."""

from __future__ import annotations

import copy

from infra.stripe_simulator import billing, cards, paying, pending, subscribing
from infra.stripe_simulator.billing import Line
from infra.stripe_simulator.changes import change
from infra.stripe_simulator.errors import not_implemented, refused
from infra.stripe_simulator.lists import CURSORS, INCLUDED, listed, readable
from infra.stripe_simulator.periods import period_end
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object, list_of

PREVIEW = (
    "customer subscription subscription_details.items subscription_details.proration_behavior "
    "subscription_details.proration_date"
)


@route("POST", "/v1/invoices/{identifier}/pay", "payment_method off_session")
def pay(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Tries to collect now."""
    invoice = merchant.get("invoice", identifier)
    method = cards.named(merchant, params["payment_method"])["id"] if "payment_method" in params else None
    if not billing.collect(merchant, invoice, method):
        payment = billing.payment_of(merchant, invoice)
        paying.raise_if_declined(
            merchant, merchant.get("payment_intent", payment["payment"]["payment_intent"])
        )
        raise refused(
            "There is no default payment method set on this Customer.",
            "invoice_payment_intent_requires_action",
        )
    return invoice


@route("POST", "/v1/invoices/{identifier}/void")
def void(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Nobody owes it any more."""
    voided = _close(merchant, identifier, "void", "voided_at", "invoice.voided")
    if "pending" in merchant.hidden(identifier):
        pending.drop(merchant, billing.subscription_of(merchant, voided))
    return voided


@route("POST", "/v1/invoices/{identifier}/mark_uncollectible")
def give_up(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Nobody expects it any more."""
    return _close(
        merchant, identifier, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible"
    )


def _close(merchant: Merchant, identifier: str, status: str, stamp: str, event: str) -> Object:
    invoice = merchant.get("invoice", identifier)
    if invoice["status"] not in ("open", "uncollectible"):
        raise refused(f"You can only do this with an open invoice; this one is {invoice['status']}.")
    invoice |= {"status": status, "next_payment_attempt": None}
    invoice["status_transitions"][stamp] = merchant.now(invoice["customer"])
    merchant.emit(event, invoice)
    return invoice


@route("POST", "/v1/invoices/{identifier}", "metadata description auto_advance")
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes what is written beside an invoice."""
    invoice = merchant.get("invoice", identifier)
    merchant.emit("invoice.updated", invoice, change(invoice, params))
    return invoice


@route("GET", "/v1/invoices", f"{CURSORS} customer status subscription")
def listing(merchant: Merchant, params: Object) -> Object:
    """Invoices, newest first."""
    found = merchant.all("invoice")
    if "subscription" in params:
        found = [
            one for one in found if billing.subscription_of(merchant, one)["id"] == params["subscription"]
        ]
    return listed(found, params, "/v1/invoices", ("customer", "status"))


@route("GET", "/v1/invoices/{identifier}/lines", CURSORS)
def lines_of(merchant: Merchant, params: Object, identifier: str) -> Object:
    """The lines of an invoice."""
    found = merchant.get("invoice", identifier)["lines"]["data"]
    return listed(found, params, f"/v1/invoices/{identifier}/lines")


@route("POST", "/v1/invoices/create_preview", f"{PREVIEW} subscription_details.cancel_at_period_end")
def preview(merchant: Merchant, params: Object) -> Object:
    """The next invoice of a subscription, or the one that other items would bring."""
    if "subscription" not in params:
        raise not_implemented("previews without a subscription")
    subscription = copy.deepcopy(merchant.get("subscription", params["subscription"], "subscription"))
    details = params.get("subscription_details") or {}
    waiting = [Line(*line) for line in merchant.hidden(subscription["id"]).get("lines", [])]
    reason, lines = "upcoming", waiting
    if "items" in details:
        kept = dict(merchant.store["subscription_item"])
        more, restarted = subscribing.change_items(
            merchant, subscription, details["items"], details.get("proration_date")
        )
        merchant.store["subscription_item"] = kept
        behaviour = details.get("proration_behavior", "create_prorations")
        more = [] if behaviour == "none" else more
        if behaviour == "always_invoice" or restarted:
            return _shown(merchant, subscription, more, "subscription_update")
        lines = waiting + more
    return _shown(merchant, subscription, _next_lines(subscription) + lines, reason)


def _next_lines(subscription: Object) -> list[Line]:
    for item in subscribing.items_of(subscription):
        start = item["current_period_end"]
        end = period_end(subscription["billing_cycle_anchor"], start, item["price"])
        item |= {"current_period_start": start, "current_period_end": end}
    return subscribing.whole_lines(subscription)


def _shown(merchant: Merchant, subscription: Object, lines: list[Line], reason: str) -> Object:
    shown = billing.draft(merchant, subscription, lines, reason)
    return shown | {"id": f"upcoming_in_{subscription['id']}"}


@route("GET", "/v1/invoice_payments", f"{CURSORS} invoice status payment.type payment.payment_intent")
def payments(merchant: Merchant, params: Object) -> Object:
    """Which payment paid which invoice."""
    found = merchant.all("invoice_payment")
    if "payment" in params:
        wanted = params["payment"].get("payment_intent")
        found = [one for one in found if one["payment"]["payment_intent"] == wanted]
    return listed(found, params, "/v1/invoice_payments", ("invoice", "status"))


def payments_of(merchant: Merchant, invoice: Object) -> Object:
    """What `expand: payments` shows."""
    found = [one for one in merchant.all("invoice_payment") if one["invoice"] == invoice["id"]]
    return list_of(copy.deepcopy(found), "/v1/invoice_payments")


readable("invoice", "invoices", lists=False)
readable("invoice_payment", "invoice_payments", lists=False)

INCLUDED["invoice", "payments"] = payments_of

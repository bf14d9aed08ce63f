"""Subscriptions."""

from __future__ import annotations

from infra.stripe_simulator import billing, cards, discounts, pending, subscribing
from infra.stripe_simulator.changes import change
from infra.stripe_simulator.errors import StripeError, not_implemented, refused
from infra.stripe_simulator.lists import CURSORS, listed, readable
from infra.stripe_simulator.routes import route
from infra.stripe_simulator.world import Merchant, Object

SHARED = (
    "items metadata default_payment_method trial_end trial_settings description discounts payment_behavior "
    "proration_behavior off_session cancel_at_period_end collection_method payment_settings automatic_tax.enabled"
)
OF_UPDATE = "proration_date cancel_at pause_collection cancellation_details billing_cycle_anchor"
PLAIN = ("metadata", "description", "trial_settings", "pause_collection", "cancel_at", "payment_settings")
BEHAVIOURS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")


@route("POST", "/v1/subscriptions", f"{SHARED} customer trial_period_days currency")
def create(merchant: Merchant, params: Object) -> Object:
    """A subscription; its first invoice is collected at once, unless `default_incomplete` leaves it open."""
    _refuse_unknown_ways(params)
    behaviour = params.get("payment_behavior", "allow_incomplete")
    if behaviour not in BEHAVIOURS:
        raise not_implemented(f"payment_behavior {behaviour}")
    given = {
        key: value for key, value in params.items() if key not in ("customer", "items", "payment_behavior")
    }
    if method := params.get("default_payment_method"):
        given["default_payment_method"] = cards.named(merchant, method, "default_payment_method")["id"]
    given["how"] = False if behaviour == "default_incomplete" and not _has_trial(params) else {}
    made = subscribing.begin(merchant, params["customer"], params.get("items", []), **given)
    if behaviour == "error_if_incomplete" and made["status"] == "incomplete":
        del merchant.store["subscription"][made["id"]]
        raise StripeError(402, "card_error", "Your card was declined.", code="card_declined")
    if params.get("cancel_at_period_end"):
        _end_with_period(made, True, merchant.now(made["customer"]))
    return made


def _has_trial(params: Object) -> bool:
    return bool(params.get("trial_period_days") or params.get("trial_end"))


def _refuse_unknown_ways(params: Object) -> None:
    if params.get("collection_method", "charge_automatically") != "charge_automatically":
        raise not_implemented("collection_method send_invoice")
    if params.get("automatic_tax", {}).get("enabled"):
        raise not_implemented("automatic tax")


@route("POST", "/v1/subscriptions/{identifier}", f"{SHARED} {OF_UPDATE}")
def update(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Changes a subscription; other items are prorated as `proration_behavior` says."""
    _refuse_unknown_ways(params)
    subscription = merchant.get("subscription", identifier)
    if subscription["status"] in ("canceled", "incomplete_expired"):
        words = "A canceled subscription can only update its cancellation_details and metadata."
        raise refused(words, "resource_missing" if subscription["status"] != "canceled" else None)
    behaviour = params.get("payment_behavior", "allow_incomplete")
    if behaviour not in ("allow_incomplete", "error_if_incomplete", pending.BEHAVIOUR):
        raise not_implemented(f"payment_behavior {behaviour} of an update")
    _refuse_what_would_fail(merchant, subscription, params)
    if pending.waits(merchant, subscription, params):
        pending.begin(merchant, subscription, params)
        return subscription
    if "items" in params:
        pending.drop(merchant, subscription)
    if "cancel_at_period_end" in params and subscription["schedule"]:
        raise refused("The subscription is managed by a subscription schedule: release that first.")
    now = merchant.now(subscription["customer"])
    before = change(subscription, {key: params[key] for key in PLAIN if key in params})
    before |= _change_details(merchant, subscription, params)
    if "cancel_at_period_end" in params:
        before["cancel_at_period_end"] = subscription["cancel_at_period_end"]
        _end_with_period(subscription, params["cancel_at_period_end"], now)
    lines, restarted = _change_items(merchant, subscription, params, before)
    merchant.emit("customer.subscription.updated", subscription, before)
    _bill(merchant, subscription, params.get("proration_behavior", "create_prorations"), lines, restarted)
    return subscription


def _refuse_what_would_fail(merchant: Merchant, subscription: Object, params: Object) -> None:
    """`error_if_incomplete`: 402 and nothing is changed, when what it brings could not be collected at once."""
    if params.get("payment_behavior") != "error_if_incomplete" or "items" not in params:
        return
    if params.get("proration_behavior") != "always_invoice" or subscription["status"] == "trialing":
        return
    if decline := pending.refusal_of(merchant, subscription):
        code = cards.code_of(decline)
        raise StripeError(402, "card_error", cards.words_of(decline), code=code, decline_code=decline)


def _change_details(merchant: Merchant, subscription: Object, params: Object) -> Object:
    before: Object = {}
    if "default_payment_method" in params:
        before["default_payment_method"] = subscription["default_payment_method"]
        method = params["default_payment_method"]
        subscription["default_payment_method"] = cards.named(merchant, method)["id"] if method else None
    if "discounts" in params:
        before["discounts"] = list(subscription["discounts"])
        discounts.put_on(merchant, subscription, params["discounts"] or [])
    if "cancellation_details" in params:
        old = subscription["cancellation_details"] or {"comment": None, "feedback": None, "reason": None}
        subscription["cancellation_details"] = old | params["cancellation_details"]
    return before


def _change_items(
    merchant: Merchant, subscription: Object, params: Object, before: Object
) -> tuple[list[billing.Line], bool]:
    now = merchant.now(subscription["customer"])
    lines: list[billing.Line] = []
    restarted = False
    if "items" in params:
        before["items"] = {"data": [dict(item) for item in subscribing.items_of(subscription)]}
        lines, restarted = subscribing.change_items(
            merchant, subscription, params["items"], params.get("proration_date")
        )
    if "trial_end" in params and subscription["status"] == "trialing":
        before["trial_end"] = subscription["trial_end"]
        end = now if params["trial_end"] == "now" else params["trial_end"]
        subscription |= {"trial_end": end, "billing_cycle_anchor": end}
        for item in subscribing.items_of(subscription):
            item["current_period_end"] = end
        if end <= now:
            subscribing.end_period(merchant, subscription)
    if params.get("billing_cycle_anchor") == "now":
        subscribing.restart(subscription, now)
        return [*lines, *subscribing.whole_lines(subscription)], True
    return lines, restarted


def _bill(
    merchant: Merchant, subscription: Object, behaviour: str, lines: list[billing.Line], restarted: bool
) -> None:
    if behaviour == "none":
        lines = [line for line in lines if not line.proration]
    if not lines:
        return
    if behaviour == "always_invoice" or restarted:
        invoice = billing.make_invoice(merchant, subscription, lines, "subscription_update")
        billing.collect(merchant, invoice)
    else:
        merchant.hidden(subscription["id"]).setdefault("lines", []).extend(list(line) for line in lines)


def _end_with_period(subscription: Object, yes: bool, now: int) -> None:
    end = subscribing.items_of(subscription)[0]["current_period_end"]
    subscription |= {"cancel_at_period_end": yes, "cancel_at": end if yes else None}
    subscription["canceled_at"] = now if yes else None


@route("DELETE", "/v1/subscriptions/{identifier}", "cancellation_details invoice_now prorate")
def cancel(merchant: Merchant, params: Object, identifier: str) -> Object:
    """Ends a subscription now."""
    if params.get("invoice_now") or params.get("prorate"):
        raise not_implemented("a last invoice when a subscription is cancelled")
    subscription = merchant.get("subscription", identifier)
    _change_details(merchant, subscription, params)
    return billing.cancel(merchant, subscription)


@route("GET", "/v1/subscriptions", f"{CURSORS} customer status price test_clock")
def listing(merchant: Merchant, params: Object) -> Object:
    """Subscriptions, newest first; those that are cancelled only when asked for."""
    status, found = params.get("status"), merchant.all("subscription")
    if status == "ended":
        found = [one for one in found if one["status"] in ("canceled", "incomplete_expired")]
    elif status != "all":
        found = [one for one in found if one["status"] == (status or one["status"])]
        found = [one for one in found if status or one["status"] != "canceled"]
    if "price" in params:
        found = [
            one for one in found if params["price"] in [each["price"]["id"] for each in one["items"]["data"]]
        ]
    return listed(found, params, "/v1/subscriptions", ("customer", "test_clock"))


@route("GET", "/v1/subscription_items", f"{CURSORS} subscription")
def list_items(merchant: Merchant, params: Object) -> Object:
    """The items of a subscription."""
    found = subscribing.items_of(merchant.get("subscription", params["subscription"], "subscription"))
    return listed(found, params, "/v1/subscription_items")


readable("subscription", "subscriptions", lists=False)
readable("subscription_item", "subscription_items", lists=False)

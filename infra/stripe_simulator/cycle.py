"""Time goes on: trials end, periods renew, failed payments are tried again, sessions expire, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from infra.stripe_simulator import billing, pending, subscribing
from infra.stripe_simulator.world import Merchant, Object, World

WARNING = 3 * 86_400
INCOMPLETE = 23 * 3_600
OVER = ("canceled", "incomplete_expired")


class Due(NamedTuple):
    """Something that happens at a moment."""

    moment: int
    act: Callable[[], object]


def advance_world(world: World, to: int) -> None:
    """Moves everybody who is not on a test clock."""

    def move(moment: int) -> None:
        world.seconds_ahead += max(0, moment - world.now())

    _advance(world, "", to, move)


def advance_clock(merchant: Merchant, clock: Object, to: int) -> None:
    """Moves the customers of one test clock."""
    _advance(merchant.world, clock["id"], to, lambda moment: clock.update(frozen_time=moment))


def _advance(world: World, clock: str, to: int, move: Callable[[int], object]) -> None:
    while found := [one for one in _all_due(world, clock) if one.moment <= to]:
        first = min(found, key=lambda one: one.moment)
        move(first.moment)
        first.act()
    move(to)


def _all_due(world: World, clock: str) -> Iterator[Due]:
    for account in list(world.objects):
        merchant = world.merchant(account)
        for subscription in merchant.all("subscription"):
            if (subscription["test_clock"] or "") == clock and subscription["status"] not in OVER:
                yield from _of_subscription(merchant, subscription)
        for invoice in merchant.all("invoice"):
            if (invoice["test_clock"] or "") == clock and invoice["status"] == "open":
                yield from _of_invoice(merchant, invoice)
        for session in merchant.all("checkout.session") if not clock else []:
            if session["status"] == "open":
                yield Due(session["expires_at"] + 1, partial(expire, merchant, session))


def _of_subscription(merchant: Merchant, subscription: Object) -> Iterator[Due]:
    known = merchant.hidden(subscription["id"])
    if subscription["status"] == "incomplete":
        yield Due(subscription["created"] + INCOMPLETE, lambda: _expire_incomplete(merchant, subscription))
        return
    if subscription["status"] == "paused":
        return
    if subscription["status"] == "trialing" and not known.get("warned"):
        yield Due(subscription["trial_end"] - WARNING, lambda: _warn(merchant, subscription))
    if subscription["cancel_at"] and not subscription["cancel_at_period_end"]:
        yield Due(subscription["cancel_at"], lambda: billing.cancel(merchant, subscription))
    if waiting := subscription["pending_update"]:
        yield Due(waiting["expires_at"], lambda: pending.drop(merchant, subscription))
    pause = subscription["pause_collection"]
    if pause and pause.get("resumes_at"):
        yield Due(pause["resumes_at"], lambda: _resume(merchant, subscription))
    end = subscribing.items_of(subscription)[0]["current_period_end"]
    yield Due(end, lambda: subscribing.end_period(merchant, subscription))


def _of_invoice(merchant: Merchant, invoice: Object) -> Iterator[Due]:
    if invoice["next_payment_attempt"]:
        yield Due(invoice["next_payment_attempt"], lambda: _again(merchant, invoice))


def _again(merchant: Merchant, invoice: Object) -> None:
    invoice["next_payment_attempt"] = None
    billing.collect(merchant, invoice)


def _warn(merchant: Merchant, subscription: Object) -> None:
    merchant.hidden(subscription["id"])["warned"] = True
    merchant.emit("customer.subscription.trial_will_end", subscription)


def _resume(merchant: Merchant, subscription: Object) -> None:
    before, subscription["pause_collection"] = subscription["pause_collection"], None
    merchant.emit("customer.subscription.updated", subscription, {"pause_collection": before})


def _expire_incomplete(merchant: Merchant, subscription: Object) -> None:
    subscription |= {"status": "incomplete_expired", "ended_at": merchant.now(subscription["customer"])}
    merchant.emit("customer.subscription.updated", subscription, {"status": "incomplete"})


def expire(merchant: Merchant, session: Object) -> Object:
    """A checkout session that nobody completed is over."""
    session |= {"status": "expired", "url": None}
    merchant.emit("checkout.session.expired", session)
    return session

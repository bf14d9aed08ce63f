"""The life of a subscription, as Stripe tells it, and the ladder down when a payment fails.

    incomplete → trialing → active ⇄ past due → unpaid
                              ⇅
                            paused            all of them → canceled; instalments and single payments → completed

No table says which state may follow which: Stripe decides, events come in any order, and every state is read
from the newest object.
"""

from collections.abc import Mapping
from datetime import datetime

# Days after the payment failed: what the client is told on that step, and what is still open.
GRACE: Mapping[int, str] = {
    0: "Your last payment did not go through. Everything stays open for now.",
    3: "Your payment is still open. Please pay it or change your card.",
    7: "Your payment is a week late. You can read what you have begun, but nothing new opens.",
    14: "Your payment is two weeks late, so your access is closed. It opens again as soon as you pay.",
}
# The same ladder as a list for whoever stands on it: what happens on which day.
RUNGS: Mapping[int, str] = {
    0: "The payment did not go through. Everything stays open.",
    3: "You are reminded.",
    7: "What you have begun can be read, nothing new opens.",
    14: "It is closed, until it is paid.",
}
LIMITED_FROM, CLOSED_FROM = 7, 14

# Stripe's words (stripe.Subscription.status) → ours.
OF_STRIPE: Mapping[str, str] = {
    "incomplete": "incomplete",
    "incomplete_expired": "canceled",
    "trialing": "trialing",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "canceled": "canceled",
    "paused": "paused",
}


def grace_step(since: datetime, now: datetime) -> int:
    """The step of the ladder that is reached: the last of 0, 3, 7, 14 whole days."""
    days = (now - since).days
    return max((step for step in GRACE if step <= days), default=0)

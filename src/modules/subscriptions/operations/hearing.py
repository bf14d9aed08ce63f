"""What Stripe tells of the agency's account. Each is a hint: the objects are fetched anew."""

from typing import Any

from modules.subscriptions.models import Step, Subscription
from modules.subscriptions.operations.asking import refusals
from modules.subscriptions.operations.buying import finish_checkout
from modules.subscriptions.operations.mirroring import mirror
from modules.subscriptions.operations.paying import finish_card
from modules.subscriptions.operations.reading import id_of, method_words
from portal.payments.inbox import hears


@hears("customer.subscription.")
def subscription_changed(seen: dict[str, Any]) -> None:
    """Anything about a subscription."""
    mirror(str(seen["id"]))


@hears("invoice.")
def invoice_changed(seen: dict[str, Any]) -> None:
    """Anything about an invoice of a subscription; other invoices are not ours."""
    details = (seen.get("parent") or {}).get("subscription_details") or {}
    if stripe_id := id_of(details.get("subscription")):
        mirror(stripe_id)


@hears("payment_method.")
def method_changed(seen: dict[str, Any]) -> None:
    """A card was removed or renewed. Whose it was, a removed one does not say: those that name it are looked at."""
    words = method_words(seen)
    for row in Subscription.objects.running().filter(method=words).exclude(stripe_id=None):
        mirror(str(row.stripe_id))


@hears("checkout.session.")
def checkout_changed(seen: dict[str, Any]) -> None:
    """A checkout of ours came to an end."""
    if seen.get("mode") == "subscription":
        for row in Subscription.objects.filter(session_id=seen["id"]):
            finish_checkout(row)
    elif seen.get("mode") == "setup":
        for step in Step.objects.filter(reference=seen["id"]).select_related("subscription__offer"):
            finish_card(step)


def look_again() -> int:
    """Look at everything that may have changed without our hearing of it; how many.

    Begun checkouts, and all that Stripe bills: an event may be lost, and a pause ends in silence.
    """
    looked = 0
    for row in Subscription.objects.filter(started_at=None, stripe_id=None).exclude(session_id=""):
        finish_checkout(row)
        looked += 1
    for stripe_id in (
        Subscription.objects.running().exclude(stripe_id=None).values_list("stripe_id", flat=True)
    ):
        mirror(str(stripe_id))
        looked += 1
    return looked


def look(subscription: Subscription) -> None:
    """Look at one, because somebody asks.

    Raises:
        NoCards, StripeFailed: as `asking.refusals`.
    """
    if subscription.stripe_id:
        with refusals():
            mirror(subscription.stripe_id)

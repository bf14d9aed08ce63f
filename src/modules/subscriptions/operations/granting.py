"""What is open because of a subscription follows its state, whichever way it came there."""

from modules.subscriptions import lives
from modules.subscriptions.models import State, Subscription
from modules.subscriptions.queries import grace_step
from portal.entitlements import operations as entitlements
from portal.entitlements.models import Entitlement
from portal.entitlements.queries import Access

OPEN = (State.ACTIVE, State.TRIALING, State.COMPLETED)
SHUT = (State.PAUSED, State.UNPAID)


def wanted_access(subscription: Subscription) -> Access | None:
    """How far it opens what it grants: in full, limited, not at the moment; None: not any more, or not yet."""
    if subscription.started_at is None or subscription.state in (State.CANCELED, State.INCOMPLETE):
        return None
    if subscription.state in OPEN:
        return Access.FULL
    if subscription.state in SHUT:
        return Access.NONE
    step = grace_step(subscription) or 0
    if step >= lives.CLOSED_FROM:
        return Access.NONE
    return Access.LIMITED if step >= lives.LIMITED_FROM else Access.FULL


def settle_grants(subscription: Subscription) -> None:
    """Bring the entitlements of this source to what the state wants. Any number of times is once.

    Runs under the subscription's lock, in the transaction that wrote its state.
    """
    source, access = subscription.source, wanted_access(subscription)
    standing = Entitlement.objects.filter(source=source, ended_at__isnull=True)
    if access is None:
        if standing.exists():
            entitlements.revoke(source=source)
        return
    have = set(standing.values_list("key", flat=True))
    for key in have - set(subscription.grants):
        entitlements.revoke(source=source, key=key)
    for key in subscription.grants:
        if key not in have:
            entitlements.grant(
                owner=subscription.owner,
                key=key,
                source=source,
                reason=Entitlement.Reason.PURCHASE,
                note=subscription.offer.name,
            )
    if access == Access.NONE:
        entitlements.pause(source=source)
        return
    entitlements.resume(source=source)
    (entitlements.limit if access == Access.LIMITED else entitlements.lift_limit)(source=source)

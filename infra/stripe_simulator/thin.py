"""Thin events: what API v2 tells. They name the thing that changed and say nothing of it.

The types are those of the wheel; a body is what `stripe.StripeClient.parse_event_notification` reads.
"""

from __future__ import annotations

from datetime import UTC, datetime

from stripe.events._event_classes import get_v2_event_notification_class
from stripe.v2.core._event import UnknownEventNotification

from infra.stripe_simulator.world import Object, World, identifier

CREATED, UPDATED, CLOSED = "v2.core.account.created", "v2.core.account.updated", "v2.core.account.closed"
REQUIREMENTS = "v2.core.account[requirements].updated"
CAPABILITY = "v2.core.account[configuration.merchant].capability_status_updated"


def tell(world: World, account: str, *kinds: str) -> None:
    """Tell of an account what happened to it, to destinations of the platform for `@accounts`."""
    for kind in kinds:
        if get_v2_event_notification_class(kind) is UnknownEventNotification:
            raise ValueError(f"Stripe has no event {kind!r}")
        event: Object = {
            "id": identifier("evt", 28),
            "object": "v2.core.event",
            "type": kind,
            "livemode": False,
            "created": moment(world.now()),
            "context": account,
            "related_object": {
                "id": account,
                "type": "v2.core.account",
                "url": f"/v2/core/accounts/{account}",
            },
            "reason": None,
        }
        world.merchant(account).keep(event)
        if world.posts:
            world.posts.post(event)


def is_thin(event: Object) -> bool:
    """Whether an event is one of API v2."""
    return bool(event["object"] == "v2.core.event")


def moment(seconds: int) -> str:
    """A time as v2 writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

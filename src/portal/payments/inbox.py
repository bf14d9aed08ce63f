"""What Stripe tells of an agency's account, inside the agency, in a job."""

from collections.abc import Callable
from typing import Any, TypeVar

from tenants.gateway import inbox as gateway
from tenants.gateway.models import Endpoint, InboxEvent

Ear = TypeVar("Ear", bound=Callable[[dict[str, Any]], None])
_ears: list[tuple[str, Callable[[dict[str, Any]], None]]] = []


def hears(prefix: str) -> Callable[[Ear], Ear]:
    """Register a function for events of the agency's account whose type begins with `prefix`.

    It gets the event's object as it was then: a hint. Fetch the latest by its id; expect it twice and late.
    """

    def register(ear: Ear) -> Ear:
        _ears.append((prefix, ear))
        return ear

    return register


def connect() -> None:
    """Let the gateway's inbox tell us; once, from AppConfig.ready."""
    from portal.payments import events  # noqa: F401 (its functions register here)

    gateway.hears("", Endpoint.CONNECT)(deliver)


def deliver(event: InboxEvent) -> None:
    """Hand an event's object to all who hear its type."""
    thing = (event.payload.get("data") or {}).get("object")
    if not isinstance(thing, dict):
        return  # a thin event: those are heard by the gateway itself
    for prefix, ear in _ears:
        if event.type.startswith(prefix):
            ear(thing)

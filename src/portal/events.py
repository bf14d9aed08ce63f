"""publish(fact): told, after commit, to every part that declared an ear for it."""

from typing import Any
from uuid import uuid4

from portal import registry
from tenants.agencies.current import current_agency


class UnknownFact(LookupError):
    """Nobody declares this fact."""


def publish(fact: str, **ids: Any) -> None:
    """Publish that something happened, inside the transaction that made it happen.

    The deliveries are rows of the same transaction (the outbox): a rollback takes them back, a crash
    after commit loses none.

    Args:
        fact: a declared name, e.g. `deliverables.approved`.
        ids: what it happened to; JSON values, ids rather than contents.

    Raises:
        UnknownFact: the name is in no declaration.
        tenants.agencies.current.NoAgency: the thread is in no agency.
    """
    from portal.jobs import deliver_fact, overhear_fact

    if fact not in registry.facts():
        raise UnknownFact(fact)
    current_agency()
    for part in dict.fromkeys(key for key, _ in registry.hears(fact)):
        deliver_fact.send(fact=fact, part=part, ids=ids)
    if fact in registry.triggers():
        # The event's own id: however often the message is delivered, it stays one event.
        event = uuid4().hex
        for key in registry.overhearing():
            overhear_fact.send(fact=fact, part=key, ids=ids, event=event)

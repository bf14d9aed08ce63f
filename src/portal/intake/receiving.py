"""From the wire into the agency's schema, and from there to who reads it."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from kit import clock
from portal import registry
from portal.intake.addresses import Destination
from portal.intake.models import Arrival, Unreadable
from tenants.agencies.current import CurrentAgency, inside, leave_agency
from tenants.routing import hosts

KEPT_FOR = timedelta(days=30)
MOST_TRIES = 5


class Busy(Exception):
    """Not now, but later: the agency's schema waits for its migrations."""


def agency_for(destination: Destination) -> CurrentAgency | None:
    """The agency that mail to this address belongs to; None when it is gone or nobody reads the kind.

    Raises:
        Busy: it cannot be stored just now.
    """
    agency = hosts.by_id(destination.agency_id)
    if agency is None or destination.kind not in registry.mailboxes():
        return None
    if agency.is_behind:
        raise Busy(f"{agency.slug} waits for its migrations")
    return agency


def store(destinations: Sequence[Destination], sender: str, raw: bytes) -> int:
    """Keep a mail for every destination and enqueue its reading, all or none; how many were new.

    Raises:
        Busy: one of the agencies cannot take it just now.
        django.db.Error: the database is away; the sender has to come again.
    """
    leave_agency()
    agencies = [(agency, to) for to in destinations if (agency := agency_for(to))]
    with transaction.atomic():
        return sum(_store_one(agency, to, sender, raw) for agency, to in agencies)


def read(arrival_id: int) -> None:
    """Let the part that declared the kind read a mail; one that was read is passed over."""
    arrival = Arrival.objects.get(pk=arrival_id)
    if arrival.state != Arrival.State.RECEIVED:
        return
    Arrival.objects.filter(pk=arrival.pk).update(attempts=F("attempts") + 1)
    mailbox = registry.mailboxes()[arrival.kind]
    try:
        with transaction.atomic():
            mailbox(kind=arrival.kind, key=arrival.key, raw=bytes(arrival.raw), sender=arrival.sender)
            _close(arrival, Arrival.State.READ)
    except Unreadable as reason:
        _close(arrival, Arrival.State.UNREADABLE, str(reason))
    except Exception as error:
        if arrival.attempts + 1 >= MOST_TRIES:
            _close(arrival, Arrival.State.FAILED, f"{type(error).__name__}: {error}")
        raise


def forget_old() -> int:
    """Empty mails that came more than 30 days ago; how many."""
    old = Arrival.objects.filter(received_at__lt=clock.now() - KEPT_FOR).exclude(raw=b"")
    return old.update(raw=b"", sender="")


def _store_one(agency: CurrentAgency, to: Destination, sender: str, raw: bytes) -> bool:
    from portal.intake.jobs import read_arrival

    marked = f"{to.kind}.{to.key}\n{sender}\n".encode()
    with inside(agency):
        arrival, is_new = Arrival.objects.get_or_create(
            fingerprint=hashlib.sha256(marked + raw).hexdigest(),
            defaults={"kind": to.kind, "key": to.key, "sender": sender, "raw": raw},
        )
        if is_new:
            read_arrival.send(arrival_id=arrival.pk)
    return is_new


def _close(arrival: Arrival, state: Arrival.State, error: str = "") -> None:
    Arrival.objects.filter(pk=arrival.pk).update(state=state, error=error[:500], read_at=clock.now())

"""Who may sign in, and until when. Ending access ends it everywhere, in one transaction."""

from datetime import date

from django.db import connection, transaction

from kit import clock
from kit.refused import Refused
from portal import registry
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.mail.models import Message
from portal.people import sessions
from portal.people.invitations import revoke_all_of
from portal.people.models import Client, SignInLink, Staff
from portal.people.refusals import ClientLimitReached, NotAllowed
from tenants.agencies.current import current_agency
from tenants.plans import limits


@transaction.atomic
def set_access_until(
    client: Client, last_day: date | None, *, by: Staff | None, request: Request | None = None
) -> None:
    """Set the last day of access, in the agency's zone; None: no end.

    Raises:
        NotAllowed: `by` is a member.
        Refused: the day is over; ending access now is `remove_access`.
    """
    need_manager(by)
    if last_day is not None and last_day < current_agency().today():
        raise Refused("This day is over. To end access now, remove it.")
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if locked.access_until == last_day:
        return
    change = {"access_until": [str(locked.access_until or ""), str(last_day or "")]}
    locked.access_until = last_day
    locked.save(update_fields=["access_until"])
    summary = f"Access of {locked} " + (f"until {last_day}" if last_day else "without an end")
    record("people.access_until_set", locked, by=by, summary=summary, change=change, request=request)


@transaction.atomic
def remove_access(client: Client, *, by: Staff | None, request: Request | None = None) -> None:
    """End a client's access at once, on every device; its records stay. Twice is as good as once.

    Raises:
        NotAllowed: `by` is a member.
    """
    need_manager(by)
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if locked.removed_at is not None:
        return
    locked.removed_at = clock.now()
    locked.save(update_fields=["removed_at"])
    sessions.end_all(locked)
    close_ways_in(locked)
    _drop_mails(locked)
    record("people.access_removed", locked, by=by, summary=f"Access of {locked} removed", request=request)
    publish("people.access_removed", client_id=locked.pk)


@transaction.atomic
def restore_access(client: Client, *, by: Staff | None, request: Request | None = None) -> None:
    """Let a removed client in again, with all that was there; an end that lies in the past goes.

    Raises:
        NotAllowed: `by` is a member.
        ClientLimitReached: the plan's number of clients is used up meanwhile.
    """
    need_manager(by)
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if locked.has_access:
        return
    if locked.removed_at is not None:
        need_room()
    locked.removed_at = None
    if locked.access_until is not None and locked.access_until < current_agency().today():
        locked.access_until = None
    locked.save(update_fields=["removed_at", "access_until"])
    record("people.access_restored", locked, by=by, summary=f"Access of {locked} restored", request=request)


def close_ways_in(client: Client) -> None:
    """Kill open invitations and sign-in links, inside the caller's transaction."""
    revoke_all_of(client)
    SignInLink.objects.filter(client=client, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )


def need_room(wanted: int = 1) -> None:
    """Keep the plan's limit until the end of the transaction.

    Args:
        wanted: how many places are needed, all or none.

    Raises:
        ClientLimitReached: there are not so many places.
    """
    agency = current_agency()
    most = limits(agency.plan).clients
    if most is None:
        return
    with connection.cursor() as cursor:
        # Two adders at once would both see the last free place; released at the end of the transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('clients'))")
    if Client.objects.filter(removed_at__isnull=True, is_example=False).count() + wanted > most:
        raise ClientLimitReached(
            f"Your plan {agency.plan.label} has room for {most} clients, and all places are taken."
            " Remove somebody's access or choose a larger plan."
        )


def _drop_mails(client: Client) -> None:
    needing = [key for key, email in registry.emails().items() if email.needs_access]
    Message.objects.filter(client=client, state=Message.State.QUEUED, email__in=needing).update(
        state=Message.State.DROPPED, error="access was removed"
    )


def need_manager(by: Staff | None) -> None:
    """Owners and admins may, and the system.

    Raises:
        NotAllowed: `by` is a member.
    """
    if by is not None and not by.may_manage:
        raise NotAllowed("Only owners and admins do this.")

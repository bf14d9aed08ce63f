"""A client's new address: asked for, confirmed on both addresses, and taken back within a week."""

from datetime import timedelta
from enum import Enum

from django.db import models, transaction

from kit import clock
from kit.refused import Refused
from kit.tokens import digest
from portal.audit.operations import record
from portal.http import Request
from portal.mail.operations import queue_mail
from portal.people import sessions
from portal.people.access import close_ways_in
from portal.people.emails import UNDO_WITHIN
from portal.people.models import Client, EmailChange
from portal.people.refusals import LinkUnusable, TooOften
from tenants.agencies.current import current_agency
from tenants.ratelimits.operations import take

VALID_FOR = timedelta(hours=24)
MOST_PER_DAY = 5


class Side(Enum):
    """On which of the two addresses a link was opened."""

    OLD = "old"
    NEW = "new"


@transaction.atomic
def ask(client: Client, new_email: str, *, request: Request | None = None) -> EmailChange:
    """Write to both addresses. An address that another client has gets nothing, and nobody learns of it.

    Raises:
        Refused: it is the address that the client has already.
        TooOften: five changes were asked for today.
    """
    if new_email.lower() == client.email.lower():
        raise Refused("This is your address already.")
    key = f"email-change:{current_agency().schema_name}:{client.pk}"
    if wait := take(key, most=MOST_PER_DAY, per_seconds=24 * 3600):
        raise TooOften("You asked for several changes today. Please try again tomorrow.", wait)
    now = clock.now()
    _open_changes(client).update(expires_at=now)
    change = EmailChange.objects.create(
        client=client, old_email=client.email, new_email=new_email, expires_at=now + VALID_FOR
    )
    words = {"change_id": change.pk, "new_email": new_email}
    queue_mail("people.email_change_old", client, words=words)
    queue_mail("people.email_change_new", client, words=words, address=new_email)
    record("people.email_change_asked", client, by=client, summary="Asked for a new address", request=request)
    return change


def waiting_change(client: Client) -> EmailChange | None:
    """The change that still has to be confirmed."""
    return _open_changes(client).order_by("-pk").first()


def cancel(client: Client) -> int:
    """Give up a change that is not done yet; its links die."""
    return _open_changes(client).update(expires_at=clock.now())


def find_open(token: str) -> tuple[EmailChange, Side]:
    """The open change that a link confirms, and for which address.

    Raises:
        LinkUnusable: done, replaced, expired or unknown.
    """
    hashed, now = digest(token), clock.now()
    for side in Side:
        change = (
            EmailChange.objects.select_related("client")
            .filter(**{f"{side.value}_token_hash": hashed}, done_at__isnull=True, expires_at__gt=now)
            .first()
        )
        if change is not None:
            return change, side
    raise LinkUnusable("This link no longer works.")


@transaction.atomic
def confirm(token: str, *, request: Request | None = None) -> EmailChange:
    """Confirm one side; with both confirmed the address changes and the old one gets the way back.

    Raises:
        LinkUnusable: done, replaced, expired or unknown.
    """
    client_id = find_open(token)[0].client_id
    client = Client.objects.select_for_update().get(pk=client_id)
    change, side = find_open(token)  # again, now that nobody else confirms at the same time
    field = f"{side.value}_confirmed_at"
    if getattr(change, field) is None:
        setattr(change, field, clock.now())
        change.save(update_fields=[field])
    if change.old_confirmed_at and change.new_confirmed_at:
        _finish(change, client, request)
    return change


def find_undoable(token: str) -> EmailChange:
    """The change that a link takes back.

    Raises:
        LinkUnusable: taken back already, older than a week, or unknown.
    """
    change = (
        EmailChange.objects.select_related("client")
        .filter(old_token_hash=digest(token), done_at__gt=clock.now() - UNDO_WITHIN, undone_at__isnull=True)
        .first()
    )
    if change is None:
        raise LinkUnusable("This link no longer works.")
    return change


@transaction.atomic
def undo(token: str, *, request: Request | None = None) -> EmailChange:
    """Put the old address back and sign the client out everywhere: somebody else may sit there.

    Raises:
        LinkUnusable: taken back already, too late, unknown, or the old address is another client's by now.
    """
    client = Client.objects.select_for_update().get(pk=find_undoable(token).client_id)
    change = find_undoable(token)
    if Client.objects.with_email(change.old_email).exclude(pk=client.pk).exists():
        raise LinkUnusable("This link no longer works.")
    # Whatever the stranger changed since goes as well: every later change of this client is void.
    EmailChange.objects.filter(client=client, pk__gte=change.pk).update(
        undone_at=clock.now(), expires_at=clock.now()
    )
    before, client.email = client.email, change.old_email
    client.save(update_fields=["email"])
    sessions.end_all(client)
    close_ways_in(client)
    record(
        "people.email_change_undone",
        client,
        by=client,
        summary="Took the new address back",
        change={"email": [before, client.email]},
        request=request,
    )
    return change


def _finish(change: EmailChange, client: Client, request: Request | None) -> None:
    if Client.objects.with_email(change.new_email).exclude(pk=client.pk).exists():
        raise LinkUnusable("This link no longer works.")
    change.done_at = clock.now()
    change.save(update_fields=["done_at"])
    client.email = change.new_email
    client.save(update_fields=["email"])
    close_ways_in(client)
    queue_mail(
        "people.email_changed",
        client,
        words={"change_id": change.pk, "old_email": change.old_email, "new_email": change.new_email},
        address=change.old_email,
    )
    record(
        "people.email_changed",
        client,
        by=client,
        summary="Changed the address",
        change={"email": [change.old_email, change.new_email]},
        request=request,
    )


def _open_changes(client: Client) -> models.QuerySet[EmailChange]:
    return EmailChange.objects.filter(client=client, done_at__isnull=True, expires_at__gt=clock.now())

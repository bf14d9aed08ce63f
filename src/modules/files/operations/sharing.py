"""Sharing: the one act by which a client comes to see a file. And taking it back."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from modules.files import emails
from modules.files.models import File, Version
from modules.files.operations.checks import contact_ids, hold, last_day
from modules.files.queries import people
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff


@transaction.atomic
def share(
    files: Sequence[File],
    *,
    by: Staff | None,
    audience: str = File.Audience.OWNER,
    contacts: Iterable[Client] = (),
    expires_on: date | None = None,
    can_download: bool = True,
    tell: bool = True,
    trail: Trail | None = None,
) -> list[File]:
    """Let clients see these files from now on; sharing again changes how.

    Args:
        contacts: with audience "contacts": who of the company.
        expires_on: last day, in the agency's zone.
        can_download: off: they look at it on the page and get no file.
        tell: mail those who did not see it before, one mail for all of these files.

    Raises:
        NotValid: `field` says which input.
        WrongState: one is in the trash, being checked or harmful.
    """
    if audience not in File.Audience.values:
        raise NotValid("Choose who sees it.", field="audience")
    last_day(expires_on, field="expires_on")
    chosen = list(contacts)
    fresh: dict[Client, list[File]] = {}
    shared = []
    for file in files:
        held = hold(file)
        before = {client.pk for client in people.readers(held)}
        _set(held, by, audience, chosen, expires_on, can_download)
        held.save()
        for client in people.readers(held):
            if client.pk not in before:
                fresh.setdefault(client, []).append(held)
        summary = f"Shared {held} with {in_words(held)}"
        record("files.shared", held, by=by, summary=summary, **(trail or {}))
        publish("files.shared", file_id=held.pk)
        shared.append(held)
    if tell:
        emails.tell_shared(fresh)
    return shared


@transaction.atomic
def unshare(file: File, *, by: Staff | None, trail: Trail | None = None) -> File:
    """Make it a draft again. Twice is once."""
    held = hold(file)
    if held.shared_at is not None:
        held.shared_at, held.shared_by, held.expires_on = None, None, None
        held.save(update_fields=["shared_at", "shared_by", "expires_on"])
        record("files.unshared", held, by=by, summary=f"No longer shares {held}", **(trail or {}))
    return held


def in_words(file: File) -> str:
    """With whom a file is shared, for the log and the page."""
    if file.audience == File.Audience.PROJECT:
        return f"whoever sees {file.project}"
    if file.audience == File.Audience.CONTACTS and file.private_to:
        names = Client.objects.filter(pk__in=file.private_to).order_by("name", "pk")
        return ", ".join(client.shown_name for client in names)
    return str(file.owner)


def _set(
    held: File,
    by: Staff | None,
    audience: str,
    contacts: list[Client],
    expires_on: date | None,
    can_download: bool,
) -> None:
    current = held.current
    if current is not None and current.check_state in (Version.Check.INFECTED, Version.Check.UNCHECKED):
        raise WrongState(f"{held}: {current.get_check_state_display().lower()}. It is not shared.")
    if not can_download and (current is None or not current.kind):
        raise NotValid(
            f"{held} cannot be shown on a page, so it can only be downloaded.", field="can_download"
        )
    if audience == File.Audience.PROJECT and held.project_id is None:
        raise NotValid(f"{held} belongs to no project.", field="audience")
    if audience == File.Audience.CONTACTS and not contacts:
        raise NotValid("Choose at least one person.", field="contacts")
    held.private_to = contact_ids(held.owner, contacts) if audience == File.Audience.CONTACTS else []
    # Sharing again, e.g. for longer, is not news for those who saw it: the moment stays.
    held.shared_at = held.shared_at if held.is_shared else clock.now()
    held.shared_by, held.audience = by, audience
    held.expires_on, held.can_download = expires_on, can_download

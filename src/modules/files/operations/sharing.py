"""Sharing: the one act by which a client comes to see a file. And taking it back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from kit import clock
from kit.refused import NotValid, WrongState
from modules.files import emails
from modules.files.models import File, Version
from modules.files.operations.checks import contact_ids, hold, last_day
from modules.files.operations.marking import check_all, still_checked
from modules.files.queries import people
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff


def share(
    files: Sequence[File],
    *,
    by: Staff | None,
    audience: str = File.Audience.OWNER,
    contacts: Iterable[Client] = (),
    expires_on: date | None = None,
    can_download: bool = True,
    is_marked: bool | None = None,
    tell: bool = True,
    trail: Trail | None = None,
) -> list[File]:
    """Let clients see these files from now on; sharing again changes how.

    Args:
        contacts: with audience "contacts": who of the company.
        expires_on: last day, in the agency's zone.
        can_download: off: they look at it on the page and get no file.
        is_marked: what they get bears their name; None: as it is.
        tell: mail those who did not see it before, one mail for all of these files.

    Raises:
        NotValid: `field` says which input.
        WrongState: one is in the trash, being checked or harmful.
    """
    if audience not in File.Audience.values:
        raise NotValid("Choose who sees it.", field="audience")
    last_day(expires_on, field="expires_on")
    how = _How(audience, list(contacts), expires_on, can_download, is_marked)
    checked = check_all(files) if is_marked else {}
    return _share_all(files, how, checked, by=by, tell=tell, trail=trail)


@transaction.atomic
def _share_all(
    files: Sequence[File],
    how: "_How",
    checked: dict[int, set[int]],
    *,
    by: Staff | None,
    tell: bool,
    trail: Trail | None,
) -> list[File]:
    fresh: dict[Client, list[File]] = {}
    shared = []
    for file in files:
        held = hold(file)
        before = {client.pk for client in people.readers(held)}
        if how.is_marked and not held.is_marked:
            still_checked(held, checked.get(held.pk, set()))
        _set(held, by, how)
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


@dataclass(frozen=True)
class _How:
    """How files are shared, as it was asked for."""

    audience: str
    contacts: list[Client]
    expires_on: date | None
    can_download: bool
    is_marked: bool | None


def _set(held: File, by: Staff | None, how: _How) -> None:
    current = held.current
    if current is not None and current.check_state in (Version.Check.INFECTED, Version.Check.UNCHECKED):
        raise WrongState(f"{held}: {current.get_check_state_display().lower()}. It is not shared.")
    if not how.can_download and (current is None or not current.kind):
        raise NotValid(
            f"{held} cannot be shown on a page, so it can only be downloaded.", field="can_download"
        )
    if how.audience == File.Audience.PROJECT and held.project_id is None:
        raise NotValid(f"{held} belongs to no project.", field="audience")
    is_for_some = how.audience == File.Audience.CONTACTS
    if is_for_some and not how.contacts:
        raise NotValid("Choose at least one person.", field="contacts")
    held.private_to = contact_ids(held.owner, how.contacts) if is_for_some else []
    # Sharing again, e.g. for longer, is not news for those who saw it: the moment stays.
    held.shared_at = held.shared_at if held.is_shared else clock.now()
    held.shared_by, held.audience = by, how.audience
    held.expires_on, held.can_download = how.expires_on, how.can_download
    held.is_marked = held.is_marked if how.is_marked is None else how.is_marked

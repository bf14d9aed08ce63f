"""record(): the only way to write the audit log."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypedDict

from django.db import connection, models, transaction

from kit.tokens import digest
from portal.audit.models import AuditEntry
from portal.http import Request
from portal.people.models import Client, Staff

Person = Staff | Client | None
REDACTED = "audit.redacted"
_door: ContextVar[AuditEntry.Actor | None] = ContextVar("audit_door", default=None)


class Trail(TypedDict, total=False):
    """Where a change came in, as operations hand it on: pages pass their request, the API its door."""

    via: AuditEntry.Actor
    request: Request


@contextmanager
def through_api() -> Iterator[None]:
    """Whatever is recorded in this block came through the API, in the name of the key's maker."""
    token = _door.set(AuditEntry.Actor.API)
    try:
        yield
    finally:
        _door.reset(token)


def record(
    verb: str,
    subject: models.Model | str,
    *,
    by: Person = None,
    via: AuditEntry.Actor | None = None,
    summary: str = "",
    change: dict[str, Any] | None = None,
    request: Request | None = None,
) -> AuditEntry:
    """Append one entry, chained to the one before by its hash.

    Args:
        verb: `module.did`, e.g. `deliverables.approved`.
        subject: the row, or "model:id".
        by: who did it; None for the system.
        via: the door, when it is not the person's own (API, operator).
        change: field → [before, after], JSON values.
    """
    entry = _entry(verb, subject, by=by, summary=summary)
    entry.actor, entry.change = via or entry.actor, change or {}
    entry.address = request.META.get("REMOTE_ADDR") if request else None
    with transaction.atomic():
        _append(entry)
    return entry


@transaction.atomic
def record_all(verb: str, said: Sequence[tuple[models.Model | str, str]], *, by: Person = None) -> None:
    """Append one entry for each subject and its summary, in this order, as `record` would one by one.

    For jobs that do the same to very many: one lock and one statement for all of them.
    """
    _lock()
    entries, previous = [], _last_hash()
    for subject, summary in said:
        entry = _entry(verb, subject, by=by, summary=summary)
        entry.previous_hash = previous
        entry.hash = previous = _hash(entry)
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries)


def first_broken_entry() -> AuditEntry | None:
    """The first entry whose hash does not follow from itself and the one before; None: the log is whole.

    A redacted entry has its place in the chain by its old hash, and a later entry vouches for what it says now.
    """
    previous, vouched = "", _vouched()
    for entry in AuditEntry.objects.order_by("pk").iterator():
        says = (
            vouched.get(entry.pk) == redacted_digest(entry)
            if entry.is_redacted
            else entry.hash == _hash(entry)
        )
        if entry.previous_hash != previous or not says:
            return entry
        previous = entry.hash
    return None


def redacted_digest(entry: AuditEntry) -> str:
    """Of what a redacted entry says, and of which entry it was."""
    fields = [entry.pk, entry.actor_name, entry.summary, entry.change, entry.address, entry.hash]
    return digest(json.dumps(fields, sort_keys=True, default=str))


def _vouched() -> dict[int, str]:
    found: dict[int, str] = {}
    for entry in AuditEntry.objects.filter(verb=REDACTED, is_redacted=False).order_by("pk"):
        found |= {int(pk): words for pk, words in entry.change.get("entries", {}).items()}
    return found


def _entry(verb: str, subject: models.Model | str, *, by: Person, summary: str) -> AuditEntry:
    return AuditEntry(
        actor=_door.get() or _actor(by),
        actor_id=by.pk if by else None,
        actor_name=str(by)[:120] if by else "",
        verb=verb,
        subject=subject if isinstance(subject, str) else f"{subject._meta.model_name}:{subject.pk}",
        summary=summary[:300],
    )


def _append(entry: AuditEntry) -> None:
    _lock()
    entry.previous_hash = _last_hash()
    entry.hash = _hash(entry)
    entry.save(force_insert=True)


def _lock() -> None:
    with connection.cursor() as cursor:
        # Two appends at once would both follow the same entry; released at the end of the transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('audit'))")


def _last_hash() -> str:
    return AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first() or ""


def _hash(entry: AuditEntry) -> str:
    fields = [entry.at.isoformat(), entry.actor, entry.actor_id, entry.actor_name, entry.verb, entry.subject]
    fields += [entry.summary, entry.change, entry.address, entry.previous_hash]
    return digest(json.dumps(fields, sort_keys=True, default=str))


def _actor(by: Person) -> AuditEntry.Actor:
    if isinstance(by, Staff):
        return AuditEntry.Actor.STAFF
    return AuditEntry.Actor.CLIENT if isinstance(by, Client) else AuditEntry.Actor.SYSTEM

"""Takes an erased person's words out of the log and keeps the chain; see docs/decisions/0015."""

import json
from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q

from portal.audit.frozen import may_change
from portal.audit.models import AuditEntry
from portal.audit.operations import REDACTED, record, redacted_digest
from portal.http import Request
from portal.people.models import Staff

AT_ONCE = 500
COLUMNS = ("actor_name", "summary", "change", "address", "is_redacted")
# A shorter word is found in too many other words, so it goes only from entries of or about the person.
SHORTEST = 4


def redact(
    subject: models.Model,
    ids: Collection[int],
    words: Collection[str],
    *,
    instead: str,
    by: Staff | None,
    request: Request | None = None,
) -> int:
    """Put `instead` where the log names this person; how many entries it was. Needs an open transaction.

    Args:
        subject: the client that is erased.
        ids: its id and those of clients that were merged into it.
        words: name, address, phone: replaced wherever they stand, whoever's entry it is.
    """
    wanted = sorted((word for word in set(words) if word), key=len, reverse=True)
    found = _found(ids, [word for word in wanted if len(word) >= SHORTEST]).order_by("pk")
    last, count = 0, 0
    while batch := list(found.filter(pk__gt=last)[:AT_ONCE]):
        last = batch[-1].pk
        count += len(batch)
        vouched = {}
        with may_change(AuditEntry._meta.db_table, COLUMNS):
            for entry in batch:
                _clean(entry, ids, wanted, instead)
                AuditEntry.objects.filter(pk=entry.pk).update(
                    **{name: getattr(entry, name) for name in COLUMNS}
                )
                vouched[str(entry.pk)] = redacted_digest(entry)
        summary = f"Names taken out of {len(batch)} entries"
        record(REDACTED, subject, by=by, summary=summary, change={"entries": vouched}, request=request)
    return count


def _found(ids: Collection[int], words: Collection[str]) -> models.QuerySet[AuditEntry]:
    which = Q(actor=AuditEntry.Actor.CLIENT, actor_id__in=ids) | Q(subject__in=[f"client:{pk}" for pk in ids])
    for word in words:
        which |= Q(summary__icontains=word) | Q(actor_name__icontains=word)
        # As JSON writes it: a name with letters beyond ASCII is escaped in neither jsonb nor here.
        which |= Q(change__icontains=json.dumps(word, ensure_ascii=False)[1:-1])
    return AuditEntry.objects.filter(which).exclude(verb=REDACTED)


def _clean(entry: AuditEntry, ids: Collection[int], words: Collection[str], instead: str) -> None:
    is_own = entry.actor == AuditEntry.Actor.CLIENT and entry.actor_id in ids
    is_about = entry.subject in {f"client:{pk}" for pk in ids}
    if not is_own and not is_about:
        words = [word for word in words if len(word) >= SHORTEST]
    entry.actor_name = instead if is_own else without(entry.actor_name, words, instead)
    entry.summary = without(entry.summary, words, instead)[:300]
    entry.change = (
        {name: [] for name in entry.change} if is_own or is_about else without(entry.change, words, instead)
    )
    entry.address = None if is_own else entry.address
    entry.is_redacted = True


def without(value: Any, words: Collection[str], instead: str) -> Any:
    """A JSON value with `instead` wherever one of `words` stood in it, whatever its case."""
    if isinstance(value, str):
        for word in words:
            at = value.casefold().find(word.casefold())
            while at >= 0:
                value = value[:at] + instead + value[at + len(word) :]
                at = value.casefold().find(word.casefold(), at + len(instead))
        return value
    if isinstance(value, dict):
        return {name: without(one, words, instead) for name, one in value.items()}
    return [without(one, words, instead) for one in value] if isinstance(value, list) else value

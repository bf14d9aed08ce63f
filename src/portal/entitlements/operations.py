"""Give, take, pause and resume. Everything is idempotent by its source, and told when it opens or closes."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from kit import clock
from kit.refused import NotValid
from portal.audit.operations import record
from portal.entitlements.models import Entitlement, EntitlementQuerySet
from portal.entitlements.queries import of_owner, owner_keys
from portal.entitlements.things import names_of
from portal.events import publish
from portal.http import Request
from portal.people.models import Client, Company, Staff

Owner = Company | Client
_KEY = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*:[A-Za-z0-9_-]{1,40}")


def check_key(key: str) -> str:
    """The key of one thing of one module, e.g. `courses.course:12`.

    Raises:
        NotValid: it has another shape.
    """
    if len(key) > 100 or not _KEY.fullmatch(key):
        raise NotValid(f"“{key[:60]}” is no key. It looks like courses.course:12.", field="keys")
    return key


def grant(
    *,
    owner: Owner,
    key: str,
    source: str,
    reason: Entitlement.Reason,
    until: datetime | None = None,
    note: str = "",
    by: Staff | None = None,
    request: Request | None = None,
) -> Entitlement:
    """Let the owner use `key` because of `source`. Again from the same source: the same row, with the new end.

    Raises:
        NotValid: the key has another shape, or `until` is over.
    """
    check_key(key)
    if until is not None and until <= clock.now():
        raise NotValid("This moment is over.", field="until")
    with _told(owner):
        standing: Entitlement | None = of_owner(owner).standing().filter(key=key, source=source).first()
        if standing is not None:
            if standing.until != until:
                standing.until = until
                standing.save(update_fields=["until"])
            return standing
        # One that ran out and was not closed yet would stand in the way.
        of_owner(owner).run_out().filter(key=key, source=source).update(ended_at=F("until"))
        made: Entitlement = Entitlement.objects.create(
            company=owner if isinstance(owner, Company) else None,
            client=owner if isinstance(owner, Client) else None,
            key=key,
            source=source,
            reason=reason,
            until=until,
            note=note.strip()[:200],
            given_by=by,
        )
        summary = f"{owner} may use {names_of([key])[key]} ({made.get_reason_display().lower()})"
        record("entitlements.granted", made, by=by, summary=summary, request=request)
        return made


def revoke(*, source: str, key: str = "", by: Staff | None = None, request: Request | None = None) -> int:
    """End what this source gave (only `key` if one is named); how many. Other sources' grants stay."""

    def end(rows: EntitlementQuerySet) -> int:
        return rows.update(ended_at=clock.now())

    return _change("revoked", source, key, Q(), end, by=by, request=request)


def pause(*, source: str, key: str = "", by: Staff | None = None, request: Request | None = None) -> int:
    """Close what this source gave, and stop its clock; how many were open."""

    def stop(rows: EntitlementQuerySet) -> int:
        return rows.update(paused_at=clock.now())

    # What ran out already has no time left that could stand still.
    in_time = Q(until__isnull=True) | Q(until__gt=clock.now())
    return _change("paused", source, key, Q(paused_at__isnull=True) & in_time, stop, by=by, request=request)


def resume(*, source: str, key: str = "", by: Staff | None = None, request: Request | None = None) -> int:
    """Open it again; what has an end, ends later by as long as it was paused."""

    def go_on(rows: EntitlementQuerySet) -> int:
        stood_still = clock.now() - F("paused_at")
        return rows.update(
            until=F("until") + stood_still, paused_for=F("paused_for") + stood_still, paused_at=None
        )

    return _change("resumed", source, key, Q(paused_at__isnull=False), go_on, by=by, request=request)


def limit(*, source: str, key: str = "", by: Staff | None = None) -> int:
    """Only what was begun may still be read."""

    def narrow(rows: EntitlementQuerySet) -> int:
        return rows.update(limited_at=clock.now())

    return _change("limited", source, key, Q(limited_at__isnull=True), narrow, by=by)


def lift_limit(*, source: str, key: str = "", by: Staff | None = None) -> int:
    """In full again."""

    def widen(rows: EntitlementQuerySet) -> int:
        return rows.update(limited_at=None)

    return _change("limit_lifted", source, key, Q(limited_at__isnull=False), widen, by=by)


def close_run_out() -> int:
    """Close what ran out by its own date; how many. Pages treat it as closed from that moment anyway."""
    due = Entitlement.objects.run_out().order_by("pk").select_related("company", "client")[:1000]
    return sum(_close(row) for row in due)


def _close(row: Entitlement) -> int:
    with transaction.atomic():
        _lock(row.owner)
        closed = Entitlement.objects.run_out().filter(pk=row.pk).update(ended_at=F("until"))
        if closed:
            summary = f"{row.owner} may not use {names_of([row.key])[row.key]} any more"
            record("entitlements.ran_out", row, summary=summary)
            if row.key not in owner_keys(row.owner):
                _publish("entitlements.lost", row.owner, [row.key])
        return int(closed)


def _change(
    verb: str,
    source: str,
    key: str,
    which: Q,
    do: Callable[[EntitlementQuerySet], int],
    *,
    by: Staff | None,
    request: Request | None = None,
) -> int:
    rows = Entitlement.objects.filter(which, source=source, ended_at__isnull=True)
    rows = rows.filter(key=key) if key else rows
    changed = 0
    for owner in _owners(rows):
        with _told(owner):
            field = "company" if isinstance(owner, Company) else "client"
            mine = list(rows.filter(**{field: owner}).order_by("pk"))
            changed += do(Entitlement.objects.filter(pk__in=[row.pk for row in mine]))
            names = names_of({row.key for row in mine})
            for row in mine:
                summary = f"{verb.replace('_', ' ').capitalize()}: {names[row.key]} of {owner}"
                record(f"entitlements.{verb}", row, by=by, summary=summary, request=request)
    return changed


def _owners(rows: EntitlementQuerySet) -> list[Owner]:
    found = rows.select_related("company", "client").order_by("company_id", "client_id")
    return list({(row.company_id, row.client_id): row.owner for row in found}.values())


@contextmanager
def _told(owner: Owner) -> Iterator[None]:
    """Publish what opened and what closed for the owner in this block, which is one transaction."""
    with transaction.atomic():
        _lock(owner)
        before = owner_keys(owner)
        yield
        after = owner_keys(owner)
        _publish("entitlements.granted", owner, after - before)
        _publish("entitlements.lost", owner, before - after)


def _lock(owner: Owner) -> None:
    # Two grants and a revocation at once: whoever is second must count what the first did.
    type(owner)._default_manager.select_for_update(no_key=True).get(pk=owner.pk)


def _publish(fact: str, owner: Owner, keys: Iterable[str]) -> None:
    for key in sorted(keys):
        company_id = owner.pk if isinstance(owner, Company) else None
        client_id = owner.pk if isinstance(owner, Client) else None
        publish(fact, key=key, company_id=company_id, client_id=client_id)

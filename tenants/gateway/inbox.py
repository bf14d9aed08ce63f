"""The inbox: store an event once, acknowledge it, let those who hear it work in a job, as often as it takes."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from kit import clock
from tenants.agencies.current import inside
from tenants.agencies.models import AgencyState
from tenants.gateway.client import is_live
from tenants.gateway.models import ConnectAccount, Endpoint, EventState, InboxEvent

Ear = Callable[[InboxEvent], None]
MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
# The job of a new event is in the queue already; only when it has not come by then the sweep sends another.
PATIENCE = timedelta(seconds=60)
AT_ONCE = 500
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
log = logging.getLogger(__name__)
_ears: list["_Hear"] = []


class BadEvent(ValueError):
    """Signed, but not an event as Stripe sends them."""


@dataclass(frozen=True)
class _Hear:
    prefix: str
    endpoint: str
    ear: Ear


def hears(prefix: str, endpoint: str) -> Callable[[Ear], Ear]:
    """Register a function for events whose type begins with `prefix`, of one endpoint.

    It runs in a job: for "platform" in the public schema, for "connect" inside the agency of the account. It must be
    idempotent and must not trust the payload: fetch the object. What it raises is kept, and it is tried again.
    """

    def register(ear: Ear) -> Ear:
        _ears.append(_Hear(prefix, endpoint, ear))
        return ear

    return register


def store(event: dict[str, Any], endpoint: str) -> bool:
    """Keep an event and enqueue its job, in one transaction; whether it was new.

    Raises:
        BadEvent: something is missing that every event has.
    """
    from tenants.gateway.jobs import apply_event

    row = _row(event)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.gateway_inboxevent (event_id, endpoint, type, account, object_id, livemode, created,"
            " payload, state, attempts, error, received_at, next_try_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'received', 0, '', %s, %s)"
            " ON CONFLICT (event_id) DO NOTHING RETURNING id",
            [row[0], endpoint, *row[1:], clock.now(), clock.now() + PATIENCE],
        )
        found = cursor.fetchone()
        if found:
            apply_event.send(event_pk=found[0])
    return found is not None


def apply(event_pk: int) -> None:
    """Let everybody who hears an event work on it; twice is as good as once."""
    event = _taken(event_pk)
    if event is None:
        return
    try:
        state, why = _run(event)
    except Exception as error:  # whatever it is: kept on the row, tried again, seen by an operator
        log.warning("event %s of %s: %s", event.event_id, event.type, type(error).__name__)
        state = EventState.FAILED if event.attempts >= MOST_TRIES else EventState.RECEIVED
        why = f"{type(error).__name__}: {error}"[:1000]
    is_over = state in (EventState.DONE, EventState.IGNORED)
    InboxEvent.objects.filter(pk=event.pk).update(
        state=state, error=why, done_at=clock.now() if is_over else None
    )


def sweep() -> int:
    """Enqueue again what is still waiting: a worker died, a try failed. How many."""
    from tenants.gateway.jobs import apply_event

    now = clock.now()
    with transaction.atomic():
        late = InboxEvent.objects.select_for_update(skip_locked=True).filter(
            state=EventState.RECEIVED, next_try_at__lte=now
        )
        found = list(late.order_by("next_try_at").values_list("pk", flat=True)[:AT_ONCE])
        InboxEvent.objects.filter(pk__in=found).update(next_try_at=now + PATIENCE)
        for pk in found:
            apply_event.send(event_pk=pk)
    return len(found)


@transaction.atomic
def try_again(*event_pks: int) -> None:
    """Take failed or parked events up anew, their tries counted from the start."""
    from tenants.gateway.jobs import apply_event

    waiting = InboxEvent.objects.filter(pk__in=event_pks, state__in=[EventState.FAILED, EventState.PARKED])
    found = list(waiting.values_list("pk", flat=True))
    waiting.update(state=EventState.RECEIVED, attempts=0, error="", next_try_at=clock.now() + PATIENCE)
    for pk in found:
        apply_event.send(event_pk=pk)


def unpark(account_id: str) -> None:
    """An account became known: what came before is taken up."""
    parked = InboxEvent.objects.filter(account=account_id, state=EventState.PARKED)
    try_again(*parked.values_list("pk", flat=True))


def _taken(event_pk: int) -> InboxEvent | None:
    with transaction.atomic():
        event = InboxEvent.objects.select_for_update().filter(pk=event_pk, state=EventState.RECEIVED).first()
        if event is None:
            return None
        event.attempts += 1
        event.next_try_at = clock.now() + min(FIRST_WAIT * 2**event.attempts, LONGEST_WAIT)
        event.save(update_fields=["attempts", "next_try_at"])
    return event


def _run(event: InboxEvent) -> tuple[str, str]:
    if event.livemode != is_live():
        return EventState.IGNORED, "of the other mode (live or test) than our key"
    ears = [h.ear for h in _ears if h.endpoint == event.endpoint and event.type.startswith(h.prefix)]
    if event.endpoint == Endpoint.CONNECT and event.account:
        return _run_for_agency(event, ears)
    for ear in ears:
        ear(event)
    return (EventState.DONE, "") if ears else (EventState.IGNORED, "nobody hears it")


def _run_for_agency(event: InboxEvent, ears: list[Ear]) -> tuple[str, str]:
    # By the account and by nothing else: what the payload says of agencies anybody may have written.
    found = ConnectAccount.objects.select_related("agency").filter(stripe_account_id=event.account).first()
    if found is None:
        return EventState.PARKED, "no agency has this account"
    if found.agency.state == AgencyState.GONE:
        return EventState.IGNORED, "the agency is gone"
    if found.agency.needs_migration_since is not None:
        InboxEvent.objects.filter(pk=event.pk).update(attempts=0)
        return EventState.RECEIVED, "the agency waits for its migrations"
    if not ears:
        return EventState.IGNORED, "nobody hears it"
    with inside(found.agency):
        for ear in ears:
            ear(event)
    return EventState.DONE, ""


def _is_name(word: str) -> bool:
    return len(word) <= 120 and word.isprintable()


def _storable(event: dict[str, Any]) -> str:
    """As jsonb takes it: it refuses NUL and halves of surrogate pairs, which people may have typed at Stripe."""
    text = json.dumps(event, ensure_ascii=False, allow_nan=False)
    return _NUL.sub(r"\1\\ufffd", text.encode("utf-8", "replace").decode())


def _last(context: str | None) -> str:
    """The account of a thin event: its context is a path, of organisation or platform first."""
    return (context or "").rpartition("/")[2]


def _row(event: dict[str, Any]) -> list[Any]:
    """event_id, type, account, object_id, livemode, created, payload. Thin events (API v2) have a
    `related_object` and an ISO moment instead of the object and seconds."""
    try:
        thing = event["related_object"] if "related_object" in event else event["data"]["object"]
        created = event["created"]
        moment = datetime.fromtimestamp(created, UTC) if isinstance(created, int) else parse_datetime(created)
        if moment is None or not isinstance(event["livemode"], bool):
            raise BadEvent("created or livemode")
        words = [event["id"], event["type"], event.get("account") or _last(event.get("context"))]
        object_id = (thing or {}).get("id") or ""
        if not all(isinstance(word, str) and _is_name(word) for word in [*words, object_id]):
            raise BadEvent("id, type or account")
        return [*words, object_id, event["livemode"], moment, _storable(event)]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise BadEvent(str(error)) from error

"""Jobs that failed for good: what an operator sees of them, and one more try."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import dramatiq
from django.db import connection, transaction
from dramatiq import Message

MOST = 200


@dataclass(frozen=True)
class SetAside:
    """A message that the broker keeps for 30 days after its last try. Its arguments are not shown:
    they may name people."""

    message_id: UUID
    name: str
    agency_id: int | None
    tries: int
    why: str
    at: datetime


def jobs_set_aside() -> list[SetAside]:
    """The newest 200."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, message, mtime FROM dramatiq.queue WHERE state = 'rejected'"
            " ORDER BY mtime DESC LIMIT %s",
            [MOST],
        )
        return [_shown(*row) for row in cursor.fetchall()]


@transaction.atomic
def try_again(message_id: UUID) -> str:
    """Put one job back into the queue, its tries counted anew; its name.

    Raises:
        LookupError: no such job is set aside (any more).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dramatiq.queue WHERE message_id = %s AND state = 'rejected' RETURNING message::text",
            [message_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise LookupError(str(message_id))
    message: Message[Any] = Message.decode(row[0].encode())
    kept = {name: value for name, value in message.options.items() if name == "agency_id"}
    fresh = message.copy(queue_name="default")
    fresh.options.clear()
    fresh.options.update(kept)
    dramatiq.get_broker().enqueue(fresh)
    return message.actor_name


def _shown(message_id: UUID, message: Any, at: datetime) -> SetAside:
    found = json.loads(message) if isinstance(message, str) else message
    options = found.get("options", {})
    trace = str(options.get("traceback", "")).strip().splitlines()
    return SetAside(
        message_id=message_id,
        name=found.get("actor_name", ""),
        agency_id=options.get("agency_id"),
        tries=int(options.get("retries", 0)),
        why=trace[-1][:300] if trace else "refused without a try",
        at=at,
    )

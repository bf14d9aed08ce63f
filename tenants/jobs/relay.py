"""For large installations: Redis hands the jobs out, Postgres stays the outbox.

With BROKER_URL set, a job is still a row of the transaction that asked for it. The scheduler moves due rows
to Redis and deletes them in one transaction, so a crash repeats a message and never loses one; it keeps its
id, and jobs are idempotent. Redis must be run with an append-only file: with its defaults it forgets.
"""

from typing import Any

import dramatiq
from django.db import connection, transaction
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq_postgres.broker import QUERIES

from tenants.jobs.broker import insert_into_outbox

BATCH = 200
# Measured: with the defaults a killed worker's jobs were not handed out again within minutes.
OPTIONS: dict[str, Any] = {"heartbeat_timeout": 5_000, "maintenance_chance": 1_000_000}


class RelayedBroker(RedisBroker):
    """Workers consume from Redis; whatever is enqueued goes through the outbox in Postgres."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**OPTIONS, **options)  # type: ignore[no-untyped-call]
        QUERIES.build_queries(None, None)  # the outbox is the table of the Postgres broker

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Insert into the outbox; a retry, which has left it long ago, goes straight to Redis."""
        if message.options.get("retries"):
            return super().enqueue(message, delay=delay)
        self.emit_before("enqueue", message, delay)
        message = insert_into_outbox(message, delay)
        self.emit_after("enqueue", message, delay)
        return message

    def hand_over(self, message: Message[Any]) -> None:
        """Give one message of the outbox to Redis."""
        super().enqueue(message)


def relay_due() -> int:
    """Move what is due from the outbox to Redis; how many. Does nothing without BROKER_URL."""
    broker = dramatiq.get_broker()
    if not isinstance(broker, RelayedBroker):
        return 0
    moved = 0
    while taken := _relay_some(broker):
        moved += taken
    return moved


@transaction.atomic
def _relay_some(broker: RelayedBroker) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dramatiq.queue WHERE message_id IN (SELECT message_id FROM dramatiq.queue"
            " WHERE state = 'queued' AND available_at <= now() ORDER BY position LIMIT %s"
            " FOR UPDATE SKIP LOCKED) RETURNING position, message::text",
            [BATCH],
        )
        rows = sorted(cursor.fetchall())
    for _, text in rows:
        message: Message[Any] = Message.decode(text.encode())
        # It has waited in Postgres already: not in Redis' queue of delayed messages again.
        message.options.pop("eta", None)
        broker.hand_over(message.copy(queue_name=message.queue_name.removesuffix(".DQ")))
    return len(rows)

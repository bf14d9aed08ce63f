"""dramatiq's Postgres broker, with the insert on Django's own connection.

A message enqueued inside a transaction exists exactly when that transaction commits: the queue table is
the transactional outbox, and no relay is needed.
"""

from typing import Any

from django.db import connection
from dramatiq import Message
from dramatiq.common import current_millis, dq_name
from dramatiq_postgres import PostgresBroker
from dramatiq_postgres.broker import QUERIES
from dramatiq_postgres.utils import tidy4json
from psycopg.types.json import Json


class OutboxBroker(PostgresBroker):  # type: ignore[misc]  # dramatiq-postgres has no types
    """Enqueues on the caller's connection, so that a rollback takes the message back."""

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Insert the message; `delay` is in milliseconds."""
        self.emit_before("enqueue", message, delay)
        message = insert_into_outbox(message, delay)
        self.emit_after("enqueue", message, delay)
        return message


def insert_into_outbox(message: Message[Any], delay: int | None) -> Message[Any]:
    """Write the row of a message on Django's connection; `delay` is in milliseconds."""
    if delay:
        message = message.copy(queue_name=dq_name(message.queue_name))
        message.options["eta"] = current_millis() + delay
    row: tuple[Any, ...] = (message.queue_name, message.message_id, Json(tidy4json(message)), delay or 0)
    with connection.cursor() as cursor:
        cursor.execute(QUERIES.ENQUEUE, row)
    return message

"""Runs what is queued, here and now, as the worker would: from no agency at all."""

from typing import Any

import dramatiq
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import SkipMessage

from tenants.agencies.current import CurrentAgency, connection, leave_agency
from tenants.jobs.middleware import AgencyMiddleware


def run_jobs(limit: int = 200) -> list[str]:
    """Run queued jobs until none is left; their names. A job that raises, raises here.

    Afterwards the thread is in the agency in which the test was.
    """
    before = connection.tenant
    ran: list[str] = []
    while len(ran) < limit and (message := _take()):
        ran.append(message.actor_name)
        _run(message)
    if isinstance(before, CurrentAgency):
        connection.set_tenant(before, include_public=False)
    return ran


def queued() -> list[str]:
    """Names of the jobs that wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message->>'actor_name' FROM dramatiq.queue WHERE state = 'queued' ORDER BY position"
        )
        return [name for (name,) in cursor.fetchall()]


def _take() -> Message[Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dramatiq.queue WHERE message_id = (SELECT message_id FROM dramatiq.queue"
            " WHERE state = 'queued' ORDER BY position LIMIT 1) RETURNING message::text"
        )
        row = cursor.fetchone()
    return Message.decode(row[0].encode()) if row else None


def _run(message: Message[Any]) -> None:
    broker = dramatiq.get_broker()
    carrier = next(m for m in broker.middleware if isinstance(m, AgencyMiddleware))
    proxy = MessageProxy(message)
    leave_agency()
    try:
        carrier.before_process_message(broker, proxy)
    except SkipMessage:
        carrier.after_skip_message(broker, proxy)
        return
    try:
        broker.get_actor(message.actor_name).fn(*message.args, **message.kwargs)
    finally:
        carrier.after_process_message(broker, proxy)

"""Queued work of the queue."""

from portal.jobs import job
from portal.people.models import Client
from portal.waiting import operations
from tenants.agencies.current import current_agency

AT_ONCE = 100
HOUR = 3600


@job("waiting.weekly", every_seconds=HOUR)
def weekly() -> None:
    """Begin the mails of the week, if it is their hour."""
    if operations.is_time() and not current_agency().is_read_only:
        weekly_part.send(after=0)


@job("waiting.weekly_part", time_limit=10 * 60_000)
def weekly_part(*, after: int) -> None:
    """Mail some of the clients, and enqueue the rest."""
    some = list(Client.objects.with_access().filter(pk__gt=after).order_by("pk")[:AT_ONCE])
    if len(some) == AT_ONCE:
        weekly_part.send(after=some[-1].pk)
    for client in some:
        operations.mail_week(client)

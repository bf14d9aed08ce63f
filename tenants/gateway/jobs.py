"""Queued work of the gateway."""

from tenants.gateway import accounts, catching_up, inbox
from tenants.gateway.client import is_configured
from tenants.jobs.jobs import public_job

DAY = 86_400


# Not retried by the queue: the event itself says when it is tried again.
@public_job("gateway.apply_event", max_retries=0)
def apply_event(*, event_pk: int) -> None:
    """Work on one event."""
    inbox.apply(event_pk)


@public_job("gateway.sweep", every_seconds=15)
def sweep() -> None:
    """Enqueue events that still wait."""
    inbox.sweep()


@public_job("gateway.catch_up", every_seconds=DAY, time_limit=30 * 60_000)
def catch_up() -> None:
    """Read Stripe's own list of events, in case one was lost on the way."""
    if is_configured():
        catching_up.catch_up()


@public_job("gateway.refresh_accounts", every_seconds=DAY, time_limit=30 * 60_000)
def refresh_accounts() -> None:
    """Look at every connected account: events about accounts are hints, and may be lost."""
    if is_configured():
        accounts.refresh_all()

"""Queued work of provisioning."""

from tenants.jobs.jobs import public_job
from tenants.provisioning import operations, pool

# Making one schema takes about a second; a pool that was emptied by a rush takes several.
FILL_LIMIT_MS = 10 * 60_000
REMOVE_LIMIT_MS = 30 * 60_000


@public_job("provisioning.fill_pool", every_seconds=60, time_limit=FILL_LIMIT_MS)
def fill_pool() -> None:
    """Replace what was claimed, and what is not as it was made. Also enqueued by every claim."""
    pool.refuse_altered()
    pool.fill_pool()


@public_job("provisioning.remove", time_limit=REMOVE_LIMIT_MS)
def remove(*, agency_id: int) -> None:
    """Remove an agency that asked for it, or whose time is over."""
    operations.remove(agency_id)

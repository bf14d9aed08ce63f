"""What runs by itself around files."""

from portal.jobs import job
from portal.uploads.orphans import sweep

DAILY_SECONDS = 24 * 3600


@job("uploads.sweep", every_seconds=DAILY_SECONDS)
def sweep_orphans() -> None:
    """Remove files that nothing points at."""
    sweep()

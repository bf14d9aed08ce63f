"""What runs by itself around files."""

from portal.jobs import job
from portal.uploads import big
from portal.uploads.orphans import sweep

DAILY_SECONDS = 24 * 3600


@job("uploads.sweep", every_seconds=DAILY_SECONDS)
def sweep_orphans() -> None:
    """Remove files that nothing points at, and uploads in parts that were given up."""
    big.give_up_old()
    sweep()


@job("uploads.hash_big")
def hash_big(*, upload_id: str) -> None:
    """Read a file that came in parts once, for its hash."""
    big.hash_stored(upload_id)

"""Queued work of archives."""

from portal.archive import operations
from portal.jobs import job

# One part: a gigabyte read from the store, written to it again.
PART_LIMIT_MS = 60 * 60_000


@job("archive.build", time_limit=PART_LIMIT_MS)
def build(*, archive_id: int) -> None:
    """The next part of an archive."""
    operations.build(archive_id)


@job("archive.remove_old", every_seconds=3600)
def remove_old() -> None:
    """What is older than three days, and what got stuck."""
    operations.let_go_stuck()
    operations.remove_old()

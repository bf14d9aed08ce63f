"""What runs after an upload, and by the clock."""

from modules.files import operations
from portal.jobs import job


@job("files.remind", every_seconds=1800)
def remind() -> None:
    """Remind of what is still missing; each request once a day at most."""
    operations.remind_due()


@job("files.check_waiting", every_seconds=300)
def check_waiting() -> None:
    """Take up what waits for the virus scanner; nothing to do where there is none."""
    operations.check_waiting()


@job("files.empty_trash", every_seconds=24 * 3600)
def empty_trash() -> None:
    """Erase what was deleted thirty days ago."""
    operations.empty_trash()


def prepare(*, version_id: int) -> None:
    """An ear: check a new version for viruses and draw its pictures."""
    operations.prepare(version_id)

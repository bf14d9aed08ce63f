"""What runs by the clock: locking what can no longer be undone, and reminders."""

from modules.deliverables import operations
from portal.jobs import job


@job("deliverables.lock_due", every_seconds=60)
def lock_due() -> None:
    """Seal approvals whose time to undo is over. Pages treat them as locked from that moment anyway."""
    operations.lock_due()


@job("deliverables.remind", every_seconds=1800)
def remind() -> None:
    """Remind those who have not decided; each person once a day at most."""
    operations.remind_due()

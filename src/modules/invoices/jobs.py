"""What runs by the clock: invoices that issue and write themselves, automatic payments, reminders, late fees."""

from modules.invoices import operations
from portal.jobs import job


@job("invoices.issue_scheduled", every_seconds=900)
def issue_scheduled() -> None:
    """Issue what is scheduled for today."""
    operations.issue_scheduled()


@job("invoices.charge_due", every_seconds=1800, max_retries=0)
def charge_due() -> None:
    """Announce automatic payments, and charge what is due; each day of payment once."""
    operations.charge_due()


@job("invoices.remind", every_seconds=1800)
def remind() -> None:
    """Remind before, on and after the day; each invoice once for each."""
    operations.remind_due()


@job("invoices.charge_late_fees", every_seconds=3600)
def charge_late_fees() -> None:
    """Add the agency's late fee to what is late enough, once for each invoice."""
    operations.charge_late_fees()


@job("invoices.repeat_due", every_seconds=900)
def repeat_due() -> None:
    """Set off every repeating invoice that is due, each on its own: one that fails keeps no other waiting."""
    for pk in operations.due_repeating():
        repeat.send(repeating_id=pk)


@job("invoices.repeat")
def repeat(*, repeating_id: int) -> None:
    """Write what is due of one repeating invoice, the oldest day first."""
    operations.repeat(repeating_id)

"""What runs by the clock: invoices that issue and write themselves, automatic payments, reminders, late fees."""

import structlog

from modules.invoices import operations
from modules.invoices.operations import accounts
from portal.jobs import job

log = structlog.get_logger(__name__)


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


@job("invoices.fold_sums", every_seconds=600)
def fold_sums() -> None:
    """Put the differences of sums together, so that reading them stays quick."""
    accounts.SUMS.fold()


@job("invoices.recount", every_seconds=86_400, time_limit=30 * 60_000)
def recount() -> None:
    """Count all sums anew; what differed is mended and said, because it must never differ."""
    differences, invoices = accounts.recount()
    if differences or invoices:
        log.error("invoices.sums_differed", differences=differences[:20], invoices=invoices[:20])

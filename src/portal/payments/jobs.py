"""What runs by the clock."""

import structlog

from portal.jobs import job
from portal.payments import domains, income, reconciling
from tenants.gateway.client import is_configured

log = structlog.get_logger(__name__)


@job("payments.reconcile", every_seconds=600, max_retries=0)
def reconcile() -> None:
    """Look again at what is open."""
    reconciling.reconcile()


@job("payments.compare", every_seconds=86_400)
def compare() -> None:
    """Compare the ledger with Stripe, and let wallets show on the portal's hosts."""
    if is_configured():
        reconciling.compare()
        domains.register()


@job("payments.fold_sums", every_seconds=600)
def fold_sums() -> None:
    """Put the differences of sums together, so that reading them stays quick."""
    income.SUMS.fold()


@job("payments.recount", every_seconds=86_400, time_limit=30 * 60_000)
def recount() -> None:
    """Count all sums of the ledger anew; what differed is mended and said, because it must never differ."""
    differences = income.SUMS.mend()
    if differences:
        log.error("payments.sums_differed", differences=differences[:20])

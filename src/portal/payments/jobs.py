"""What runs by the clock."""

from portal.jobs import job
from portal.payments import domains, reconciling
from tenants.gateway.client import is_configured


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

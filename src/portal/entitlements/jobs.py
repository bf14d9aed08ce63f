"""What runs by the clock."""

from portal.entitlements import operations
from portal.jobs import job


@job("entitlements.close_run_out", every_seconds=300)
def close_run_out() -> None:
    """Close and tell what ran out; pages treat it as closed from that moment anyway."""
    operations.close_run_out()

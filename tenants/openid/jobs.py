"""Queued work of sign-in by Google."""

from tenants.jobs.jobs import public_job
from tenants.openid import operations


@public_job("openid.sweep", every_seconds=3600)
def sweep() -> None:
    """Forget old attempts."""
    operations.sweep()

from tenants.jobs.jobs import public_job
from tenants.ratelimits.operations import forget_old


@public_job("ratelimits.forget_old", every_seconds=3600)
def forget_old_buckets() -> None:
    """Keep the table small."""
    forget_old()

from tenants.jobs.jobs import public_job
from tenants.provisioning import operations


@public_job("provisioning.fill_pool", every_seconds=60)
def fill_pool() -> None:
    """Keep spare schemas ready, so that a sign-up only claims one."""
    operations.fill_pool()

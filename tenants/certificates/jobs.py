from tenants.certificates import storms
from tenants.jobs.jobs import public_job


@public_job("certificates.renew_due", every_seconds=60, max_retries=0)
def renew_due() -> None:
    """Renew what is due, ask the CAs about the rest; whatever is left waits for the next minute."""
    storms.work_off()


@public_job("certificates.tidy", every_seconds=86_400)
def tidy() -> None:
    """Forget what no longer counts."""
    storms.tidy()

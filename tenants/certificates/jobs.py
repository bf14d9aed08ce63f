from tenants.certificates import platform_hosts, renewing, storms
from tenants.jobs.jobs import public_job

renewing.keeps(platform_hosts.is_kept)


# What is begun at the end of its time may still take as long as one order does.
@public_job("certificates.renew_due", every_seconds=60, max_retries=0, time_limit=240_000)
def renew_due() -> None:
    """Renew what is due, ask the CAs about the rest; whatever is left waits for the next minute."""
    storms.work_off()


@public_job("certificates.tidy", every_seconds=86_400)
def tidy() -> None:
    """Forget what no longer counts."""
    storms.tidy()


@public_job("certificates.platform_hosts", every_seconds=60, max_retries=0, time_limit=240_000)
def platform_hosts_keep_up() -> None:
    """Get certificates for those of the platform's own hosts that have none yet."""
    platform_hosts.keep_up()

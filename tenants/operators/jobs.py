from tenants.jobs.jobs import public_job
from tenants.operators import alerts


@public_job("operators.tell_alerts", every_seconds=300)
def tell_alerts() -> None:
    """Mail the operators what has gone wrong since the last time."""
    alerts.tell()

from tenants.agencies import trials
from tenants.jobs.jobs import public_job


@public_job("agencies.end_trials", every_seconds=900)
def end_trials() -> None:
    """Tell of trials that end soon, end those that are over."""
    trials.tell_soon()
    trials.end_expired()

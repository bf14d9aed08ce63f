"""Queued work of people: what the worker finds here is what it can run."""

from portal.jobs import job
from portal.people.ending import warn_of_ending_access
from portal.people.jobs_sign_in import send_sign_in_link

__all__ = ["send_sign_in_link", "warn"]


@job("people.warn_of_ending_access", every_seconds=3600)
def warn() -> None:
    """Tell staff whose access ends in seven days and tomorrow."""
    warn_of_ending_access()

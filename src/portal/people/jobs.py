"""Queued work of people: what the worker finds here is what it can run."""

from portal.jobs import job
from portal.people.ending import warn_of_ending_access
from portal.people.jobs_sign_in import send_sign_in_link
from portal.people.viewing_ends import end_those_over

__all__ = ["note_ended_viewings", "send_sign_in_link", "warn"]


@job("people.warn_of_ending_access", every_seconds=3600)
def warn() -> None:
    """Tell staff whose access ends in seven days and tomorrow."""
    warn_of_ending_access()


@job("people.note_ended_viewings", every_seconds=600)
def note_ended_viewings() -> None:
    """Write down looks at the portal as a client that ended by themselves."""
    end_those_over()

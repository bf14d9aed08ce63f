"""Queued work of the intake."""

from portal.intake import receiving
from portal.jobs import job

DAY = 86_400


@job("intake.read", max_retries=receiving.MOST_TRIES - 1)
def read_arrival(*, arrival_id: int) -> None:
    """Let the part that wants it read one mail."""
    receiving.read(arrival_id)


@job("intake.forget", every_seconds=DAY)
def forget() -> None:
    """Empty old mails: what they said lives on where it was read to."""
    receiving.forget_old()

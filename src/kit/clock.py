"""The one place that time comes from, so that tests can stand at any date (time-machine moves it)."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)

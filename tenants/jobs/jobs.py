"""Declares queued work of the platform, and the schedule of both kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import dramatiq

from tenants.jobs.middleware import AGENCY, PUBLIC

F = TypeVar("F", bound=Callable[..., None])
RETRIES = 5
FIRST_BACKOFF_MS = 2_000
LONGEST_BACKOFF_MS = 15 * 60_000
TIME_LIMIT_MS = 120_000


@dataclass(frozen=True)
class Slot:
    """A job that runs every so many seconds. An agency's job runs once for each agency."""

    job: str
    every_seconds: int
    audience: str


schedule: dict[str, Slot] = {}


def public_job(name: str, *, every_seconds: int | None = None, **options: Any) -> Callable[[F], Any]:
    """Declare work of the platform, named `package.verb`; it runs in the public schema.

    Call the result with `.send(**kwargs)`: inside a transaction it is enqueued when that commits.
    """
    return declare_job(name, audience=PUBLIC, every_seconds=every_seconds, **options)


def declare_job(name: str, *, audience: str, every_seconds: int | None, **options: Any) -> Callable[[F], Any]:
    """Declare an actor with the retries that every job has. Keyword arguments only, JSON values only."""
    if every_seconds:
        schedule[name] = Slot(job=name, every_seconds=every_seconds, audience=audience)
    settings: dict[str, Any] = {
        "max_retries": RETRIES,
        "min_backoff": FIRST_BACKOFF_MS,
        "max_backoff": LONGEST_BACKOFF_MS,
        "time_limit": TIME_LIMIT_MS,
    }
    return dramatiq.actor(actor_name=name, audience=audience, **(settings | options))


__all__ = ["AGENCY", "PUBLIC", "Slot", "declare_job", "public_job", "schedule"]

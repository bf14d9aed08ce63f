"""Queued work of domains."""

from django.conf import settings
from django.db import connection

from tenants.domains import grace, keeping, notices, removing, schedule, steps
from tenants.jobs.jobs import public_job

__all__ = ["keeping"]  # imported for the worker's renewals: it says which names are kept

# DNS, the certificate authority and the edges, each at its slowest.
STEP_LIMIT_MS = 4 * 60_000


# Not retried: the claim itself says when its next step is due.
@public_job("domains.step", time_limit=STEP_LIMIT_MS, max_retries=0)
def step(*, domain_id: int, asked: bool = False) -> None:
    """Advance one claim."""
    steps.step(domain_id, asked=asked)


@public_job("domains.step_due", every_seconds=15)
def step_due() -> None:
    """Enqueue every claim whose turn it is, as long as the workers keep up."""
    if settings.ACME_DIRECTORY:
        for domain_id in schedule.due(max(0, schedule.AT_ONCE - _waiting())):
            step.send(domain_id=domain_id)


@public_job("domains.tell_due", every_seconds=3600)
def tell_due() -> None:
    """Mails that the calendar asks for."""
    notices.tell_due()


@public_job("domains.apply_plans", every_seconds=300)
def apply_plans() -> None:
    """Agencies that may not have their domains any more: grace, release."""
    removing.release_gone()
    grace.apply()


@public_job("domains.forget_orphans", every_seconds=3600)
def forget_orphans() -> None:
    """Certificates that nobody's claim needs."""
    removing.forget_orphans()


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM dramatiq.queue WHERE state = 'queued' AND message->>'actor_name' = %s",
            [step.actor_name],
        )
        return int(cursor.fetchone()[0])

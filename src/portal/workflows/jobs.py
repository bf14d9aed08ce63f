"""Queued work of workflows."""

from portal.jobs import job
from portal.workflows import running, starting, webhooks


@job("workflows.advance")
def advance(*, run_id: int, step: str) -> None:
    """Do the next step of a run."""
    running.take_step(run_id, step)


@job("workflows.wake", every_seconds=60)
def wake() -> None:
    """Go on with what has waited long enough."""
    running.wake_due()
    webhooks.deliver_due()


@job("workflows.start_due", every_seconds=3600)
def start_due() -> None:
    """Start what follows the clock."""
    starting.start_due()


@job("workflows.deliver")
def deliver(*, delivery_id: str) -> None:
    """Send one message to another system."""
    webhooks.deliver(delivery_id)

from tenants.billing import walking
from tenants.billing.mirror import keeping
from tenants.jobs.jobs import public_job


@public_job("billing.walk", every_seconds=300)
def walk() -> None:
    """Grace, downgrades and gifts that end."""
    walking.walk()


@public_job("billing.ask_again", every_seconds=3600)
def ask_again() -> None:
    """What Stripe should have told us."""
    walking.ask_again()


@public_job("billing.mirror")
def mirror(*, event_id: str) -> None:
    """Bring dj-stripe's copy of an event's object up to date; nothing waits for it."""
    keeping.mirror(event_id)

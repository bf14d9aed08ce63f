"""What runs by the clock."""

from modules.subscriptions import operations
from portal.jobs import job


@job("subscriptions.climb", every_seconds=1800)
def climb() -> None:
    """Bring late payments to the step of the day: told, limited, closed."""
    operations.climb_all()


@job("subscriptions.look_again", every_seconds=6 * 3600)
def look_again() -> None:
    """Look at Stripe for what no event told us."""
    operations.look_again()


@job("subscriptions.move_prices", every_seconds=60)
def move_prices() -> None:
    """Move subscribers to the price that staff decided on."""
    operations.carry_out_prices()

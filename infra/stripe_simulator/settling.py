"""What happens by itself a little later: direct debits are answered by the bank, refunds arrive or come back."""

from __future__ import annotations

import threading

from infra.stripe_simulator import paying, till
from infra.stripe_simulator.answers import refunds
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.world import World


def settle(world: World, identifier: str) -> str:
    """Lets the bank answer now; the status afterwards. 404 when nothing is waiting for it."""
    with world.lock:
        if identifier not in world.pending:
            raise refused(f"Nothing is pending for {identifier}", status=404)
        account, what = world.pending.pop(identifier)
        merchant = world.merchant(account)
        if what == refunds.SETTLING:
            status = refunds.settle(merchant, merchant.get("refund", identifier))
        else:
            intent = merchant.get("payment_intent", identifier)
            status = paying.settle(merchant, intent)
            till.settled(merchant, intent, status)
        world.at_change()
        return status


class Clerk:
    """Settles what is pending after `world.delayed_seconds`; None: only when a test says so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: set[str] = set()

    def look(self) -> None:
        """Sets a timer for everything that is newly pending. Call with the world's lock held."""
        if self.world.delayed_seconds is None:
            return
        for identifier in self.world.pending.keys() - self._known:
            self._known.add(identifier)
            timer = threading.Timer(self.world.delayed_seconds, self._settle, [identifier])
            timer.daemon = True
            timer.start()

    def _settle(self, identifier: str) -> None:
        with self.world.lock:
            if identifier in self.world.pending:
                settle(self.world, identifier)

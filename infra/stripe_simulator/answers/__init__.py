"""What the simulator says to requests: a module for each part of Stripe. Importing it registers all routes."""

from infra.stripe_simulator.answers import (
    catalogue,
    checkout,
    clocks,
    connect,
    customers,
    intents,
    invoices,
    notices,
    portal,
    refunds,
    schedules,
    setups,
    subscriptions,
)

__all__ = [
    "catalogue",
    "checkout",
    "clocks",
    "connect",
    "customers",
    "intents",
    "invoices",
    "notices",
    "portal",
    "refunds",
    "schedules",
    "setups",
    "subscriptions",
]

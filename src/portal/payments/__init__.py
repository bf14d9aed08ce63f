"""What clients pay the agency: attempts to collect, the ledger that cannot be changed, refunds, disputes.

What is paid for belongs to modules: they register a `Payable` and are told, under its lock, which entries there are.
Not what agencies pay us (`tenants.billing`).
"""

from typing import Any


def stripe_of_agency(key: str = "") -> Any:
    """As in `stripe_account`; apps are not ready when this package is imported."""
    from portal.payments import stripe_account

    return stripe_account.stripe_of_agency(key)

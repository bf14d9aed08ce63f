"""What clients pay the agency: attempts to collect, the ledger that cannot be changed, refunds, disputes.

What is paid for belongs to modules: they register a `Payable` and are told, under its lock, which entries there are.
Not what agencies pay us (`tenants.billing`).
"""

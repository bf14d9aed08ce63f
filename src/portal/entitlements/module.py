"""What entitlements declare of themselves: the facts that workflows and modules hear."""

from portal.module import Fact, Module

module = Module(
    key="entitlements",
    name="Entitlements",
    icon="key",
    order=0,
    facts=[
        Fact("entitlements.granted", "A client or company may use something from now on"),
        Fact("entitlements.lost", "A client or company may not use something any more"),
    ],
)

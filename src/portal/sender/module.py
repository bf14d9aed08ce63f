"""What senders declare of themselves."""

from portal.module import Module, Opens
from portal.sender.emails import EMAILS
from tenants.plans import Plan

module = Module(
    key="sender",
    name="Sender",
    icon="send",
    order=0,
    capabilities={"domain": Opens("Sending from your own domain", Plan.GROWTH)},
    emails=EMAILS,
)

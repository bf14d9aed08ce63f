"""What delivery declares of itself: it reads the reports that come back."""

from portal.delivery.reports import read_report
from portal.module import Module

module = Module(
    key="delivery",
    name="Delivery",
    icon="mail",
    order=0,
    mailboxes={"bounce": read_report},
)

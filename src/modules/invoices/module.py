"""The declaration of invoices."""

from modules.invoices.emails import EMAILS
from portal.module import Fact, Module
from tenants.plans import Plan

module = Module(
    key="invoices",
    name="Invoices",
    icon="invoices",
    order=40,
    plan=Plan.STARTER,
    facts=[
        Fact("invoices.issued", "An invoice is issued"),
        Fact("invoices.paid", "An invoice is paid in full"),
        Fact("invoices.payment_failed", "A payment of an invoice failed"),
        Fact("invoices.overdue", "An invoice is overdue"),
        Fact("invoices.voided", "An invoice is void"),
        Fact("invoices.credited", "A credit note is written"),
    ],
    emails=EMAILS,
)

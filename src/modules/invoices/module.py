"""The declaration of invoices."""

from portal.module import Module
from tenants.plans import Plan

module = Module(key="invoices", name="Invoices", icon="invoices", order=40, plan=Plan.STARTER)

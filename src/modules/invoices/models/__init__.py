"""The nouns of invoices."""

from modules.invoices.models.after import CreditNote, Reminder, TransferReport
from modules.invoices.models.autopay import Autopay, Mandate, PayingTerms
from modules.invoices.models.billing import (
    BillingDetails,
    Counter,
    InvoiceSettings,
    Policy,
    Series,
    TaxRate,
)
from modules.invoices.models.invoices import Instalment, Invoice, Line
from modules.invoices.models.standing import INSIDE, OPEN, State

__all__ = [
    "INSIDE",
    "OPEN",
    "Autopay",
    "BillingDetails",
    "Counter",
    "CreditNote",
    "Instalment",
    "Invoice",
    "InvoiceSettings",
    "Line",
    "Mandate",
    "PayingTerms",
    "Policy",
    "Reminder",
    "Series",
    "State",
    "TaxRate",
    "TransferReport",
]

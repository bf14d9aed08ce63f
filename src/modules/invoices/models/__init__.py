"""The nouns of invoices."""

from modules.invoices.models.after import CreditNote, Reminder, TransferReport
from modules.invoices.models.billing import BillingDetails, Counter, InvoiceSettings, Series, TaxRate
from modules.invoices.models.books import BookSettings
from modules.invoices.models.invoices import Instalment, Invoice, Line
from modules.invoices.models.standing import INSIDE, OPEN, State
from modules.invoices.models.sums import InvoiceSum, Movement

__all__ = [
    "INSIDE",
    "OPEN",
    "BillingDetails",
    "BookSettings",
    "Counter",
    "CreditNote",
    "Instalment",
    "Invoice",
    "InvoiceSettings",
    "InvoiceSum",
    "Line",
    "Movement",
    "Reminder",
    "Series",
    "State",
    "TaxRate",
    "TransferReport",
]

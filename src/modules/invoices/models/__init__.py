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
from modules.invoices.models.books import BookSettings
from modules.invoices.models.invoices import Instalment, Invoice, Line
from modules.invoices.models.patterns import Pattern, PatternLine
from modules.invoices.models.quotes import OnAcceptance, Quote, QuoteAnswer, QuoteState
from modules.invoices.models.repeating import Every, Repeating, RepeatingState, Repetition
from modules.invoices.models.standing import INSIDE, OPEN, State
from modules.invoices.models.sums import InvoiceSum, Movement

__all__ = [
    "INSIDE",
    "OPEN",
    "Autopay",
    "BillingDetails",
    "BookSettings",
    "Counter",
    "CreditNote",
    "Every",
    "Instalment",
    "Invoice",
    "InvoiceSettings",
    "InvoiceSum",
    "Line",
    "OnAcceptance",
    "Pattern",
    "PatternLine",
    "Quote",
    "QuoteAnswer",
    "QuoteState",
    "Mandate",
    "PayingTerms",
    "Policy",
    "Movement",
    "Reminder",
    "Repeating",
    "RepeatingState",
    "Repetition",
    "Series",
    "State",
    "TaxRate",
    "TransferReport",
]

"""What staff and clients type. The rules are in the operations; a form turns text into values."""

from modules.invoices.forms.acts import (
    AnswerForm,
    BookForm,
    CreditForm,
    FeeForm,
    PlanForm,
    ReasonForm,
    ScheduleForm,
    StatementForm,
    TransferForm,
)
from modules.invoices.forms.editor import (
    BLANK_LINES,
    FilterForm,
    InvoiceForm,
    LineForm,
    LineForms,
    NewInvoiceForm,
    line_forms,
)
from modules.invoices.forms.patterns import (
    AcceptForm,
    DeclineForm,
    NewQuoteForm,
    NewRepeatingForm,
    QuoteFilterForm,
    QuoteForm,
    RepeatingForm,
)
from modules.invoices.forms.settings import (
    DetailsForm,
    PrefixForm,
    RateForm,
    SettingsForm,
)
from modules.invoices.forms.typed import (
    AmountField,
    amount,
    carry_out,
    in_currency,
)

__all__ = [
    "AcceptForm",
    "AmountField",
    "AnswerForm",
    "BLANK_LINES",
    "BookForm",
    "CreditForm",
    "DeclineForm",
    "DetailsForm",
    "FeeForm",
    "FilterForm",
    "InvoiceForm",
    "LineForm",
    "LineForms",
    "NewInvoiceForm",
    "NewQuoteForm",
    "NewRepeatingForm",
    "PlanForm",
    "PrefixForm",
    "QuoteFilterForm",
    "QuoteForm",
    "RateForm",
    "ReasonForm",
    "RepeatingForm",
    "ScheduleForm",
    "SettingsForm",
    "StatementForm",
    "TransferForm",
    "amount",
    "carry_out",
    "in_currency",
    "line_forms",
]

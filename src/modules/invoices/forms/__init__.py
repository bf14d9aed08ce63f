"""What staff and clients type. The rules are in the operations; a form turns text into values."""

from modules.invoices.forms.acts import (
    AnswerForm,
    BookForm,
    ChooseForm,
    CreditForm,
    FeeForm,
    PlanForm,
    ReasonForm,
    ScheduleForm,
    StatementForm,
    TermsForm,
    TransferForm,
    WaysForm,
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
    "AmountField",
    "AnswerForm",
    "BLANK_LINES",
    "BookForm",
    "ChooseForm",
    "CreditForm",
    "DetailsForm",
    "FeeForm",
    "FilterForm",
    "InvoiceForm",
    "LineForm",
    "LineForms",
    "NewInvoiceForm",
    "PlanForm",
    "PrefixForm",
    "RateForm",
    "ReasonForm",
    "ScheduleForm",
    "SettingsForm",
    "StatementForm",
    "TermsForm",
    "TransferForm",
    "WaysForm",
    "amount",
    "carry_out",
    "in_currency",
    "line_forms",
]

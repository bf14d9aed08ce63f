"""What can be done with invoices, for pages and API alike; each refusal carries words for a person."""

from modules.invoices.operations.autopay import (
    Required,
    agree,
    agree_to_all,
    end,
    end_for_all,
    set_terms,
    set_ways,
)
from modules.invoices.operations.charging import charge_due, retry_now
from modules.invoices.operations.checks import Issued, NotAllowed, NotIssued, NotValid, Trail, WrongState
from modules.invoices.operations.choosing import (
    Limits,
    Option,
    choose_plan,
    limits_of,
    options_of,
    withdraw_plan,
)
from modules.invoices.operations.crediting import count_for
from modules.invoices.operations.drafting import (
    InvoiceFields,
    LineFields,
    copy_invoice,
    create_invoice,
    delete_draft,
    edit_invoice,
)
from modules.invoices.operations.ending import add_late_fee, credit, void, waive_late_fee, write_off
from modules.invoices.operations.issuing import NotComplete, issue, issue_scheduled, schedule
from modules.invoices.operations.ledger import recompute
from modules.invoices.operations.paying import (
    Choice,
    choices_of,
    confirm_transfer,
    mark_paid,
    mark_viewed,
    refuse_transfer,
    report_transfer,
    start_payment,
)
from modules.invoices.operations.planning import Part, parts_of, set_plan
from modules.invoices.operations.reminding import charge_late_fees, mute_reminders, remind_due, remind_now
from modules.invoices.operations.settings import (
    add_tax_rate,
    remove_tax_rate,
    save_settings,
    set_billing_details,
    set_prefix,
)

__all__ = [
    "Choice",
    "InvoiceFields",
    "Issued",
    "Limits",
    "LineFields",
    "NotAllowed",
    "NotComplete",
    "NotIssued",
    "NotValid",
    "Option",
    "Part",
    "Required",
    "Trail",
    "WrongState",
    "add_late_fee",
    "add_tax_rate",
    "agree",
    "agree_to_all",
    "charge_due",
    "charge_late_fees",
    "choices_of",
    "choose_plan",
    "confirm_transfer",
    "copy_invoice",
    "count_for",
    "create_invoice",
    "credit",
    "delete_draft",
    "edit_invoice",
    "end",
    "end_for_all",
    "issue",
    "issue_scheduled",
    "limits_of",
    "mark_paid",
    "mark_viewed",
    "mute_reminders",
    "options_of",
    "parts_of",
    "recompute",
    "refuse_transfer",
    "remind_due",
    "remind_now",
    "remove_tax_rate",
    "report_transfer",
    "retry_now",
    "save_settings",
    "schedule",
    "set_billing_details",
    "set_plan",
    "set_prefix",
    "set_terms",
    "set_ways",
    "start_payment",
    "void",
    "waive_late_fee",
    "withdraw_plan",
    "write_off",
]

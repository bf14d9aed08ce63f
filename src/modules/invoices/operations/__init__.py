"""What can be done with invoices, for pages and API alike; each refusal carries words for a person."""

from modules.invoices.operations.checks import Issued, NotAllowed, NotIssued, NotValid, Trail, WrongState
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
    save_books,
    save_settings,
    set_billing_details,
    set_prefix,
)

__all__ = [
    "Choice",
    "InvoiceFields",
    "Issued",
    "LineFields",
    "NotAllowed",
    "NotComplete",
    "NotIssued",
    "NotValid",
    "Part",
    "Trail",
    "WrongState",
    "add_late_fee",
    "add_tax_rate",
    "charge_late_fees",
    "choices_of",
    "confirm_transfer",
    "copy_invoice",
    "create_invoice",
    "credit",
    "delete_draft",
    "edit_invoice",
    "issue",
    "issue_scheduled",
    "mark_paid",
    "mark_viewed",
    "mute_reminders",
    "parts_of",
    "recompute",
    "refuse_transfer",
    "remind_due",
    "remind_now",
    "remove_tax_rate",
    "report_transfer",
    "save_books",
    "save_settings",
    "schedule",
    "set_billing_details",
    "set_plan",
    "set_prefix",
    "start_payment",
    "void",
    "waive_late_fee",
    "write_off",
]

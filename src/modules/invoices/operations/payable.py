"""What the ledger calls "invoices.invoice": registered when the app is ready."""

from typing import Any

from modules.invoices import emails
from modules.invoices.models import Invoice
from modules.invoices.operations import charging
from modules.invoices.operations.ledger import recompute_now
from modules.invoices.queries import people
from portal.events import publish
from portal.links import portal_path
from portal.payments.models import LedgerEntry, Payment
from portal.payments.payables import Payable, payable
from portal.people.models import Client


@payable("invoices.invoice")
class InvoicePayable(Payable):
    """An invoice, as payments see it."""

    def lock(self, pk: int) -> Invoice:
        """The row, locked with SELECT … FOR UPDATE."""
        row: Invoice = (
            Invoice.objects.select_for_update(of=("self",)).select_related("company", "client").get(pk=pk)
        )
        return row

    def recompute(self, row: Any, entries: list[LedgerEntry]) -> None:
        """Read the standing anew; a draft has none."""
        if row.is_issued:
            recompute_now(row, entries)

    def title(self, row: Any) -> str:
        """As clients and staff call it."""
        return f"Invoice {row.number or ''} {row.title}".replace("  ", " ")

    def url(self, row: Any) -> str:
        """Its page on the portal."""
        return portal_path("invoices:show", row.pk)

    def may_pay(self, row: Any, client: Client) -> bool:
        """Whether this client sees it and may pay it."""
        return row.is_issued and people.may_pay(row, client)

    def excess(self, row: Any, entries: list[LedgerEntry]) -> int:
        """What was paid too much."""
        return int(row.over_minor)

    def failed(self, row: Any, payment: Payment) -> None:
        """Tell whoever tried, and everybody who listens."""
        publish("invoices.payment_failed", invoice_id=row.pk)
        if payment.way == Payment.Way.SAVED:
            charging.refused(row, payment)
        else:
            emails.tell_failed(row, payment.client, payment.reason)

    def most(self, row: Any) -> int | None:
        """What is owed now."""
        return int(row.due_minor) if row.is_open else 0

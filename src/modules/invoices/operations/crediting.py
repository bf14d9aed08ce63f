"""What was paid too much is counted for another invoice of the same owner: two entries that sum to nothing."""

from uuid import uuid4

from django.db import transaction

from kit.money import format_money
from kit.refused import NotValid, WrongState
from modules.invoices.models import Invoice
from modules.invoices.operations.ledger import book
from portal.audit.operations import Trail, record
from portal.payments.models import EntryKind
from portal.people.models import Staff


@transaction.atomic
def count_for(source: Invoice, target: Invoice, *, by: Staff | None, trail: Trail | None = None) -> int:
    """Move what `source` was paid too much to `target`, as far as that is open; how much was moved.

    Raises:
        NotValid: the other invoice is of another owner or currency.
        WrongState: nothing was paid too much, or nothing is open there.
    """
    if source.pk == target.pk:
        raise NotValid("Choose another invoice.", field="invoice")
    # Always the older one first: two that count crosswise at once do not wait for each other in a circle.
    rows = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=[source.pk, target.pk])
    held = {row.pk: row for row in rows.order_by("pk")}
    over, owing = held[source.pk], held[target.pk]
    same = (over.company_id, over.client_id, over.currency)
    if (owing.company_id, owing.client_id, owing.currency) != same:
        raise NotValid("Choose an invoice of the same client in the same currency.", field="invoice")
    minor: int = min(over.over_minor, owing.due_minor)
    if minor <= 0 or not owing.is_open or owing.is_processing:
        raise WrongState("There is nothing to count, or nothing is open there.")
    ref = str(uuid4())
    book(over, EntryKind.ADJUSTMENT, -minor, note=f"Counted for {owing}", staff=by, ref=f"{ref}:from")
    book(owing, EntryKind.ADJUSTMENT, minor, note=f"Counted from {over}", staff=by, ref=f"{ref}:to")
    summary = f"Counted {format_money(minor, over.currency)} of {over} for {owing}"
    record("invoices.counted", over, by=by, summary=summary, **(trail or {}))
    return minor

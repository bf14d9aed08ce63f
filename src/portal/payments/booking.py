"""Movements that are none of Stripe's: transfers, credits, what is written off."""

from django.db import transaction

from kit.refused import Refused
from portal.payments import concerns
from portal.payments.models import EntryKind, LedgerEntry, Payment
from portal.payments.payables import find
from portal.payments.settling import recompute

BY_HAND = frozenset(
    {EntryKind.TRANSFER, EntryKind.CREDIT, EntryKind.WRITE_OFF, EntryKind.LATE_FEE, EntryKind.ADJUSTMENT}
)


class NotByHand(Refused):
    """Only Stripe's own movements may be booked as such."""

    words = "This kind of entry is booked from Stripe only."


@transaction.atomic
def write_down(entry: LedgerEntry) -> LedgerEntry:
    """Book one entry and let its payable follow; the same `ref` again is the entry that is there.

    Raises:
        NotByHand: its kind is one of Stripe's.
    """
    if entry.kind not in BY_HAND or entry.minor == 0:
        raise NotByHand
    found = find(entry.payable)
    row = found.kind.lock(found.pk)
    LedgerEntry.objects.bulk_create([entry], ignore_conflicts=True)
    booked = LedgerEntry.objects.get(kind=entry.kind, ref=entry.ref)
    entries = recompute(found.kind, row, entry.payable)
    about = Payment(payable=booked.payable, currency=booked.currency)
    concerns.note_excess(about, found.kind.excess(row, entries))
    return booked

"""What is kept so that totals and statements cost the same with many invoices as with few."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.invoices.models.invoices import Invoice
from portal.payments.models import LedgerEntry
from portal.payments.sums import Sum


class InvoiceSum(Sum):
    """Differences of sums, by `what`:

    open: what is to be paid, by the day on which it is due; draft: what is written and not sent (day is of no
    meaning); moved: the movements of an owner's account, by day. `whose` is an owner's word ("company-3",
    "client-5"), or empty for the whole agency.
    """

    class Meta(Sum.Meta):
        indexes: ClassVar = [models.Index(fields=["what", "whose", "currency", "day"], name="invoice_sum")]


class Movement(models.Model):
    """A line of an owner's account: what was billed, what came, what was let go. Append-only.

    The movements of an invoice come to what is open of it less what was paid too much, whatever happened.
    """

    class Kind(models.TextChoices):
        BILLED = "billed", "Invoice"
        ENTRY = "entry", "Entry of the ledger"
        LET_GO = "let_go", "Not to be paid any more"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    entry = models.OneToOneField(LedgerEntry, null=True, on_delete=models.PROTECT, related_name="+")
    whose = models.CharField(max_length=40, help_text="company-3 or client-5")
    currency = models.CharField(max_length=3)
    day = models.DateField(help_text="agency's calendar, as it was when this was written")
    minor = models.BigIntegerField(help_text="positive: more is to be paid")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(kind="billed"), name="billed_once"),
            models.CheckConstraint(
                condition=Q(kind="entry", entry__isnull=False) | (~Q(kind="entry") & Q(entry__isnull=True)),
                name="movement_of_an_entry",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["whose", "currency", "day", "id"], name="movement_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.whose} {self.day}: {self.minor} {self.currency}"

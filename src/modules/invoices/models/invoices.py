"""The invoice, its lines and its instalments."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from kit import clock
from modules.invoices.models.arithmetic import PricedLine, Sums, Tax, add_up
from modules.invoices.models.billing import Policy, TaxRate
from modules.invoices.models.standing import INSIDE, OPEN, State
from portal.agency import current_agency
from portal.people.models import Client, Company, Right, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord

CLOSED = (State.VOID, State.CREDITED, State.REFUNDED, State.PARTLY_REFUNDED, State.UNCOLLECTIBLE)


class InvoiceQuerySet(OwnedQuerySet):
    needs = (Right.VIEW_MONEY,)
    moment = "issued_at"

    def visible_to(self, client: Client) -> Self:
        """Issued ones: the client's own, and those of companies for which it may see money."""
        return super().visible_to(client).exclude(state__in=INSIDE)

    def open(self) -> "InvoiceQuerySet":
        """Issued, and something is still to be paid."""
        return self.filter(state__in=OPEN, due_minor__gt=0)

    def overdue(self, today: date | None = None) -> "InvoiceQuerySet":
        """Open past the day on which the next payment was due."""
        return self.open().filter(next_due_on__lt=today or current_agency().today())


class Invoice(OwnedRecord):
    """What is billed at one time. From issue on its content never changes; a trigger refuses it."""

    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    # Null rather than "": many drafts have none, and what is there must be unique.
    number = models.CharField(  # noqa: DJ001
        max_length=40, null=True, unique=True, help_text="given at issue"
    )
    title = models.CharField(max_length=160)
    currency = models.CharField(max_length=3)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    discount_minor = models.BigIntegerField(default=0, help_text="an amount off the whole")
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    notes = models.TextField(blank=True, max_length=4000)
    terms = models.TextField(blank=True, max_length=2000)
    reference = models.CharField(max_length=80, blank=True, help_text="the client's order number")
    issued_on = models.DateField(null=True, blank=True, help_text="agency's calendar")
    issued_at = models.DateTimeField(null=True, blank=True)
    scheduled_on = models.DateField(null=True, blank=True, help_text="issue it by itself on this day")
    delivered_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True, help_text="of the whole; instalments have their own")
    days_to_pay = models.PositiveSmallIntegerField(default=14)
    seller = models.JSONField(default=dict, help_text="as it was at issue")
    buyer = models.JSONField(default=dict, help_text="as it was at issue")
    # Below: what happens after issue. Sums of the ledger, kept here for lists; recomputed, never edited.
    kept_minor = models.BigIntegerField(default=0)
    due_minor = models.BigIntegerField(default=0)
    over_minor = models.BigIntegerField(default=0, help_text="paid too much")
    fee_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)
    is_processing = models.BooleanField(default=False)
    is_disputed = models.BooleanField(default=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)
    viewed_at = models.DateTimeField(null=True, blank=True, help_text="first opened by a client")
    reminders_muted = models.BooleanField(default=False)
    # How it may be paid: staff change it after issue, too. Empty: as for the client, else as for all.
    autopay = models.CharField(max_length=8, choices=Policy.choices, blank=True)
    plan_parts = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="that the client may choose"
    )
    plan_first_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    plan_chosen_by = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    promised_on = models.DateField(null=True, blank=True, help_text="no reminder before this day")
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = InvoiceQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=INSIDE, number__isnull=True, issued_at__isnull=True)
                | (~Q(state__in=INSIDE) & Q(number__isnull=False, issued_at__isnull=False)),
                name="issued_means_numbered",
            ),
            models.CheckConstraint(condition=Q(gross_minor__gte=0), name="invoice_is_not_negative"),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="net_and_tax_are_gross"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "-id"], name="invoice_of_company"),
            models.Index(fields=["client", "-id"], name="invoice_of_client"),
            models.Index(fields=["state", "-id"], name="invoice_by_state"),
            models.Index(fields=["company"], name="invoice_private", condition=~Q(private_to=[])),
            models.Index(fields=["next_due_on"], name="invoice_open", condition=Q(due_minor__gt=0)),
            # For each filter of the lists its own way through them, in the order of the pages.
            models.Index(fields=["next_due_on", "id"], name="invoice_due", condition=Q(state__in=OPEN)),
            models.Index(
                fields=["company", "next_due_on", "id"],
                name="invoice_due_of_company",
                condition=Q(state__in=OPEN),
            ),
            models.Index(
                fields=["client", "next_due_on", "id"],
                name="invoice_due_of_client",
                condition=Q(state__in=OPEN),
            ),
            models.Index(fields=["-id"], name="invoice_to_pay", condition=Q(state__in=OPEN)),
            models.Index(fields=["-id"], name="invoice_drafts", condition=Q(state__in=INSIDE)),
            models.Index(fields=["-id"], name="invoice_closed", condition=Q(state__in=CLOSED)),
            models.Index(fields=["gross_minor", "-id"], name="invoice_by_amount"),
        ]

    def __str__(self) -> str:
        return self.number or f"draft “{self.title}”"

    @property
    def payable(self) -> str:
        """How the ledger calls it."""
        return f"invoices.invoice:{self.pk}"

    @property
    def whose(self) -> str:
        """How sums and movements call its owner."""
        return f"company-{self.company_id}" if self.company_id else f"client-{self.client_id}"

    @property
    def is_issued(self) -> bool:
        return self.number is not None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN and self.due_minor > 0

    @property
    def is_overdue(self) -> bool:
        """Derived from today in the agency's zone; no row changes at midnight."""
        late = self.next_due_on is not None and self.next_due_on < current_agency().today()
        return self.is_open and late

    @cached_property
    def sums(self) -> Sums:
        """What its lines come to now; on an issued one the same as ever."""
        return self.sums_of(list(self.lines.all()))

    def sums_of(self, lines: "Sequence[Line]") -> Sums:
        """What these lines come to with the invoice's discounts."""
        return add_up(
            [line.priced for line in lines],
            discount_percent=self.discount_percent,
            discount_minor=self.discount_minor,
        )


def word_of(owner: Company | Client) -> str:
    """How sums and movements call an owner."""
    return f"company-{owner.pk}" if isinstance(owner, Company) else f"client-{owner.pk}"


class Line(models.Model):
    """So many of something at so much each. Frozen with its invoice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=500)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit = models.CharField(max_length=20, blank=True, help_text="e.g. hours")
    unit_minor = models.BigIntegerField()
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax_name = models.CharField(max_length=80, blank=True)
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    tax_category = models.CharField(max_length=2, choices=TaxRate.Category.choices, default="E")
    tax_included = models.BooleanField(default=False, help_text="the price is gross")

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_line_per_place"),
            models.CheckConstraint(condition=Q(discount_percent__range=(0, 100)), name="line_discount"),
            models.CheckConstraint(condition=Q(tax_percent__range=(0, 100)), name="line_tax"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def priced(self) -> PricedLine:
        """The line as arithmetic knows it."""
        tax = Tax(Decimal(self.tax_percent), self.tax_name, self.tax_category)
        return PricedLine(
            Decimal(self.quantity), self.unit_minor, tax, self.tax_included, Decimal(self.discount_percent)
        )


class Instalment(models.Model):
    """A part of an invoice with a day of its own. Paid in order: what came fills the first one first."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        WAIVED = "waived", "Waived"

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=80)
    minor = models.BigIntegerField()
    due_on = models.DateField(null=True, blank=True)
    days_after_issue = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="instead of a day, until the invoice is issued"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    paid_minor = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invoice", "position"],
                name="one_instalment_per_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(minor__gt=0), name="instalment_is_something"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(days_after_issue__isnull=False),
                name="instalment_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def open_minor(self) -> int:
        """What is still to be paid of it."""
        return 0 if self.state == self.State.WAIVED else self.minor - self.paid_minor

    @property
    def is_overdue(self) -> bool:
        return self.open_minor > 0 and self.due_on is not None and self.due_on < current_agency().today()


def fill_in_order(parts: "Sequence[Instalment]", paid_minor: int) -> None:
    """Fill instalments with what was paid, in order; sets `paid_minor` and `state` of each, unsaved."""
    left = max(0, paid_minor)
    for part in parts:
        if part.state == Instalment.State.WAIVED:
            continue
        part.paid_minor = min(left, part.minor)
        left -= part.paid_minor
        part.state = Instalment.State.PAID if part.paid_minor == part.minor else Instalment.State.OPEN


def party(settings: Any) -> dict[str, str]:
    """The seller as an invoice keeps it."""
    return {
        "name": settings.seller_name,
        "address": settings.seller_address,
        "country": settings.seller_country,
        "tax_id": settings.seller_tax_id,
        "email": settings.seller_email,
    }

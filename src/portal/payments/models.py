"""Attempts to collect, the ledger, saved ways to pay. Amounts are minor units of `currency`."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from kit import clock
from portal.payments.sums import Sum
from portal.people.models import Client, Company, Staff

MANDATE_WORDS = 1000


class PaymentSettings(models.Model):
    """The one row of an agency's choices about money."""

    currency = models.CharField(max_length=3, default="EUR", help_text="ISO 4217; of new invoices")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2")
    transfer_words = models.TextField(blank=True, help_text="how to pay by transfer, as clients read it")

    class Meta:
        verbose_name_plural = "payment settings"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_payment_settings")
        ]

    def __str__(self) -> str:
        return "payment settings"


class PaymentState(models.TextChoices):
    """Only moves forward; `succeeded` when the ledger has the charge."""

    CREATED = "created", "Begun"
    OPEN = "open", "Not paid yet"
    PROCESSING = "processing", "On its way"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"
    CANCELED = "canceled", "Cancelled"
    MISMATCH = "mismatch", "Amount differs"
    SUCCEEDED = "succeeded", "Paid"


UNSETTLED = (PaymentState.CREATED, PaymentState.OPEN, PaymentState.PROCESSING)


class Payment(models.Model):
    """One attempt to collect, committed before Stripe is asked: its uid is the idempotency key."""

    class Way(models.TextChoices):
        CHECKOUT = "checkout", "By the client, in the portal"
        SAVED = "saved", "From a saved way to pay"
        ADOPTED = "adopted", "Begun by Stripe, for a subscription"

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.CHECKOUT)
    payable = models.CharField(max_length=80, help_text="module.noun:id")
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="payments")
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="payments")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.CREATED)
    session_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    intent_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    parts = models.JSONField(default=list, help_text="what the module wants to find again, e.g. instalments")
    label = models.CharField(max_length=200, help_text="what Stripe shows as the thing that is paid")
    return_path = models.CharField(max_length=300, default="/", help_text="portal path")
    save_method = models.BooleanField(default=False)
    mandate_words = models.CharField(max_length=MANDATE_WORDS, blank=True, help_text="what was agreed to")
    mandate_version = models.CharField(max_length=20, blank=True, help_text="which text that was")
    # When Stripe's amount differs, staff may take what came; then this is what has to be there.
    accepted = models.JSONField(null=True, blank=True, help_text="[amount as Stripe has it, currency]")
    reason = models.CharField(max_length=300, blank=True, help_text="why it failed, Stripe's code or words")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="when its end was seen")
    looked_at = models.DateTimeField(null=True, blank=True, help_text="when Stripe was asked last")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="payment_is_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payable"], name="payment_payable"),
            models.Index(
                fields=["looked_at"],
                name="payment_open",
                condition=Q(state__in=["created", "open", "processing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.state})"


class EntryKind(models.TextChoices):
    """What moved. The sign of `minor` says in which direction: positive is towards the agency."""

    CHARGE = "charge", "Card payment"
    REFUND = "refund", "Refund"
    REFUND_FAILED = "refund_failed", "Refund came back"
    DISPUTE = "dispute", "Dispute"
    DISPUTE_WON = "dispute_won", "Dispute won"
    FEE = "fee", "Fee"
    TRANSFER = "transfer", "Transfer"
    CREDIT = "credit", "Credit"
    WRITE_OFF = "write_off", "Written off"
    LATE_FEE = "late_fee", "Late fee"
    ADJUSTMENT = "adjustment", "Adjustment"


class LedgerEntry(models.Model):
    """One movement of money. A trigger refuses to change or delete it; what was wrong is booked back."""

    kind = models.CharField(max_length=13, choices=EntryKind.choices)
    ref = models.CharField(max_length=120, help_text="Stripe's id, or transfer:<uuid>")
    payable = models.CharField(max_length=80)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="entries")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    happened_at = models.DateTimeField(help_text="when it happened, e.g. Stripe's moment")
    booked_at = models.DateTimeField(default=clock.now, editable=False)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "ref"], name="one_entry_per_movement"),
            models.CheckConstraint(condition=~Q(minor=0), name="entry_moves_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payable"], name="entry_payable"),
            models.Index(fields=["happened_at"], name="entry_happened"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Refund(models.Model):
    """That staff asked for money to go back; committed before Stripe is asked."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        DONE = "done", "Accepted by Stripe"
        REFUSED = "refused", "Refused by Stripe"

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    minor = models.BigIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    stripe_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="refund_is_positive"),
        ]

    def __str__(self) -> str:
        return f"refund of {self.payment}"


class StripeCustomer(models.Model):
    """Who a client or a company is at Stripe, on the agency's account."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    client = models.OneToOneField(Client, null=True, on_delete=models.CASCADE, related_name="stripe_customer")
    company = models.OneToOneField(
        Company, null=True, on_delete=models.CASCADE, related_name="stripe_customer"
    )
    stripe_id = models.CharField(max_length=120, unique=True, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(client__isnull=True) ^ Q(company__isnull=True), name="customer_is_one_of_two"
            ),
        ]

    def __str__(self) -> str:
        return str(self.client or self.company)


class SavedMethod(models.Model):
    """A card or account that may be charged without the client there, and the words that were agreed to."""

    customer = models.ForeignKey(StripeCustomer, on_delete=models.CASCADE, related_name="methods")
    stripe_id = models.CharField(max_length=120, unique=True)
    label = models.CharField(max_length=80, help_text="e.g. Visa ending in 4242")
    expires = models.CharField(max_length=7, blank=True, help_text="MM/YYYY")
    mandate_words = models.CharField(max_length=MANDATE_WORDS, blank=True)
    mandate_version = models.CharField(max_length=20, blank=True, help_text="which text that was")
    agreed_by = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    agreed_at = models.DateTimeField(default=clock.now, editable=False)
    is_default = models.BooleanField(default=False, help_text="the one that is charged")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default=True, removed_at=None),
                name="one_default_method",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Saving(models.Model):
    """One attempt to save a card or account without paying; committed before Stripe is asked."""

    class State(models.TextChoices):
        OPEN = "open", "Not saved yet"
        SAVED = "saved", "Saved"
        EXPIRED = "expired", "Expired"

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="savings", help_text="who agrees"
    )
    company = models.ForeignKey(Company, null=True, on_delete=models.CASCADE, related_name="savings")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    session_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    method = models.ForeignKey(SavedMethod, null=True, on_delete=models.SET_NULL, related_name="+")
    mandate_words = models.CharField(max_length=MANDATE_WORDS, help_text="what was agreed to")
    mandate_version = models.CharField(max_length=20)
    return_path = models.CharField(max_length=300, default="/", help_text="portal path")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="saving_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.client} saves a way to pay ({self.state})"

    @property
    def owner(self) -> Client | Company:
        """Whose it will be."""
        return self.company or self.client


class Concern(models.Model):
    """Something about money that waits for a person."""

    class Kind(models.TextChoices):
        MISMATCH = "mismatch", "The amount at Stripe is not the one that was asked for"
        OVERPAID = "overpaid", "More was paid than was due"
        DISPUTE = "dispute", "A client disputes a payment with the bank"
        REFUND_FAILED = "refund_failed", "A refund came back"
        DRIFT = "drift", "The ledger and Stripe do not agree"

    kind = models.CharField(max_length=13, choices=Kind.choices)
    ref = models.CharField(max_length=120, help_text="of what; one concern for each")
    payable = models.CharField(max_length=80, blank=True)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="concerns")
    minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "ref"], name="one_concern_per_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class MoneySum(Sum):
    """What the ledger comes to: `what` is the entry's kind, `whose` the kind of thing, `day` a day of UTC."""

    class Meta(Sum.Meta):
        indexes: ClassVar = [models.Index(fields=["day"], name="money_sum_by_day")]

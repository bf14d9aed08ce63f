"""Automatic payment: what the agency wants of a client, what was agreed to, and how the next charge stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.invoices.models.billing import Policy
from modules.invoices.models.invoices import Invoice
from portal.payments.models import MANDATE_WORDS, Payment, PaymentState, SavedMethod
from portal.people.models import Client, Right, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord


class PayingTerms(OwnedRecord):
    """What holds for one company or lone client instead of the agency's settings."""

    autopay = models.CharField(max_length=8, choices=Policy.choices, blank=True)

    class Meta(OwnedRecord.Meta):
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(fields=["company"], name="one_terms_per_company"),
            models.UniqueConstraint(fields=["client"], name="one_terms_per_client"),
        ]

    def __str__(self) -> str:
        return f"terms of {self.owner}"


class MandateQuerySet(OwnedQuerySet):
    needs = (Right.VIEW_MONEY,)
    # What was agreed for a company holds, whoever comes later.
    moment = ""

    def active(self) -> "MandateQuerySet":
        """Not ended; and where it was agreed to with a payment, that payment came."""
        paid = Q(payment=None) | Q(payment__state=PaymentState.SUCCEEDED)
        return self.filter(paid, ended_at=None)


class Mandate(OwnedRecord):
    """That somebody agreed to be charged: the words, their version, who and when. Kept when it ends."""

    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="mandates",
        help_text="empty: all invoices of the owner",
    )  # fmt: skip
    words = models.CharField(max_length=MANDATE_WORDS)
    version = models.CharField(max_length=20, help_text="which text that was")
    agreed_by = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(default=clock.now, editable=False)
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.PROTECT, related_name="+", help_text="agreed to with this one"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_by_staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = MandateQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        indexes: ClassVar = [
            models.Index(fields=["company"], name="mandate_of_company", condition=Q(ended_at=None)),
            models.Index(fields=["client"], name="mandate_of_client", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.agreed_by} for {self.invoice or self.owner}"


class Autopay(models.Model):
    """How the automatic payment of one invoice stands: what was announced, what was tried, why it stopped."""

    class Stop(models.TextChoices):
        CARD = "card", "The card was refused for good"
        CONFIRM = "confirm", "The bank wants the client to confirm"
        TRIED = "tried", "Refused too often"

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="autopay_standing")
    is_off = models.BooleanField(default=False, help_text="the client left this one out")
    due_on = models.DateField(null=True, help_text="the day of payment that was announced")
    minor = models.BigIntegerField(default=0, help_text="what was announced: never more is charged")
    noticed_on = models.DateField(null=True)
    next_on = models.DateField(null=True, help_text="when it is charged (again)")
    tries = models.PositiveSmallIntegerField(default=0)
    stopped = models.CharField(max_length=8, choices=Stop.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="of the last refusal, Stripe's code")
    method = models.ForeignKey(
        SavedMethod, null=True, on_delete=models.SET_NULL, related_name="+", help_text="that was tried last"
    )
    retried_at = models.DateTimeField(null=True, help_text="last time by hand")

    def __str__(self) -> str:
        return f"automatic payment of {self.invoice}"

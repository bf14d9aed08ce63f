"""What became of a subscription: its bills, and what people did."""

import uuid
from typing import ClassVar

from django.db import models

from kit import clock
from modules.subscriptions.models.bought import Subscription
from portal.people.models import Client, Staff


class Bill(models.Model):
    """One invoice of Stripe's for a subscription, as it stands now."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        VOID = "void", "Cancelled"
        UNCOLLECTIBLE = "uncollectible", "Given up"

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="bills")
    stripe_id = models.CharField(max_length=64, unique=True)
    intent_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=13, choices=State.choices)
    minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0, help_text="without what a credit covered")
    currency = models.CharField(max_length=3)
    is_out_of_band = models.BooleanField(default=False, help_text="paid, but not through Stripe")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    period_from = models.DateTimeField(null=True, blank=True)
    period_to = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.stripe_id


class Step(models.Model):
    """Something that somebody did; committed before Stripe is asked, so that its key makes it happen once."""

    class Kind(models.TextChoices):
        CHECKOUT = "checkout", "Checkout opened"
        PLAN = "plan", "Plan changed"
        PAUSE = "pause", "Paused"
        RESUME = "resume", "Resumed"
        CANCEL = "cancel", "Cancelled to the end of the period"
        CANCEL_NOW = "cancel_now", "Cancelled at once"
        UNDO = "undo", "Cancellation taken back"
        CARD = "card", "Payment method changed"
        PRICE = "price", "Price changed by the agency"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(max_length=300, blank=True, help_text="reason, or what it changed to")
    reference = models.CharField(max_length=128, blank=True, help_text="Stripe's id of what it opened")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subscription}"

    @property
    def who(self) -> str:
        return str(self.client or self.staff or "")

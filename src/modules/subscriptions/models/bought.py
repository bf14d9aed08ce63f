"""What was bought: our copy of Stripe's subscription, or a single payment, or something free."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kit import clock
from modules.subscriptions.models.codes import Coupon
from modules.subscriptions.models.offers import Interval, Kind, Offer
from portal.people.models import Client, Right
from portal.people.owned import OwnedQuerySet, OwnedRecord


class State(models.TextChoices):
    """Where a subscription stands."""

    INCOMPLETE = "incomplete", "Not paid yet"
    TRIALING = "trialing", "Trial"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Payment late"
    PAUSED = "paused", "Paused"
    UNPAID = "unpaid", "Unpaid"
    CANCELED = "canceled", "Ended"
    COMPLETED = "completed", "Paid in full"


RUNNING = (State.TRIALING, State.ACTIVE, State.PAST_DUE, State.PAUSED, State.UNPAID)
OVER = (State.CANCELED,)


class SubscriptionQuerySet(OwnedQuerySet):
    needs = (Right.VIEW_MONEY,)

    def bought(self) -> "SubscriptionQuerySet":
        """Without those whose checkout was begun and never finished."""
        return self.filter(started_at__isnull=False)

    def running(self) -> "SubscriptionQuerySet":
        """Those that are not over; what is paid in full stays open for good."""
        return self.bought().exclude(state__in=OVER)

    def late(self) -> "SubscriptionQuerySet":
        """Those whose last payment failed."""
        return self.filter(state__in=(State.PAST_DUE, State.UNPAID), past_due_since__isnull=False)


class Subscription(OwnedRecord):
    """One purchase of one offer, by `buyer` for itself or for its company."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="subscriptions")
    buyer = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", help_text="who pays")
    state = models.CharField(max_length=10, choices=State.choices, default=State.INCOMPLETE)
    # What was agreed: a later change of the offer does not reach it.
    kind = models.CharField(max_length=12, choices=Kind.choices)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, blank=True)
    interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    every = models.PositiveSmallIntegerField(default=1)
    quantity = models.PositiveIntegerField(default=1)
    instalments = models.PositiveSmallIntegerField(default=0)
    grants = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    tax_name = models.CharField(max_length=40, blank=True)
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0, help_text="held in `minor`")
    coupon = models.ForeignKey(
        Coupon, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions"
    )
    off_minor = models.BigIntegerField(default=0, help_text="what the coupon takes off a payment")
    # Stripe's names of it, on the agency's account.
    account = models.CharField(max_length=64, blank=True)
    stripe_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    session_id = models.CharField(max_length=128, blank=True)
    customer_id = models.CharField(max_length=64, blank=True)
    item_id = models.CharField(max_length=64, blank=True)
    price_id = models.CharField(max_length=64, blank=True)
    # What Stripe says.
    started_at = models.DateTimeField(null=True, blank=True)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    period_ends_at = models.DateTimeField(null=True, blank=True, help_text="when the next payment is due")
    cancel_at = models.DateTimeField(null=True, blank=True, help_text="when it ends, as somebody decided")
    paused_until = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    upcoming_minor = models.BigIntegerField(null=True, blank=True)
    method = models.CharField(max_length=60, blank=True, help_text="e.g. Visa •••• 4242")
    # Ours.
    is_paid_back = models.BooleanField(default=False, help_text="a single payment that was taken back")
    cancel_reason = models.CharField(max_length=300, blank=True)
    grace_told = models.SmallIntegerField(null=True, blank=True, help_text="last step of the ladder mailed")
    version = models.PositiveIntegerField(default=0, help_text="counts writes of what Stripe says")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="subscription_by_state")]

    def __str__(self) -> str:
        return self.offer.name

    @property
    def first_minor(self) -> int:
        """What the first payment is about; all that there is of a single one."""
        return self.minor - self.off_minor

    @property
    def is_without_card(self) -> bool:
        """Whether the next payment has nothing to be taken from."""
        charges = self.state in (State.ACTIVE, State.TRIALING) and not self.is_ending
        return charges and bool(self.stripe_id) and not self.method and bool(self.upcoming_minor)

    @property
    def source(self) -> str:
        """What entitlements and the ledger call it."""
        return f"subscriptions.subscription:{self.pk}"

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_late(self) -> bool:
        """Whether its last payment failed."""
        return self.state in (State.PAST_DUE, State.UNPAID)

    @property
    def is_ending(self) -> bool:
        """Whether somebody decided that it ends; instalments end by themselves and nobody decided it."""
        return self.is_running and self.cancel_at is not None and self.kind == Kind.RECURRING

"""What an agency has bought, what it costs, what it was billed and what it was told."""

import uuid
from datetime import datetime

from django.db import models

from kit import clock
from tenants.agencies.models import Agency
from tenants.plans import Plan


class Interval(models.TextChoices):
    """How often it is paid; Stripe's words."""

    MONTH = "month", "Monthly"
    YEAR = "year", "Yearly"


class Status(models.TextChoices):
    """Stripe's words for a subscription's state; NONE: nothing was ever bought."""

    NONE = "", "Nothing bought"
    TRIALING = "trialing", "Trial, then paid"
    ACTIVE = "active", "Paid"
    PAST_DUE = "past_due", "Past due"
    UNPAID = "unpaid", "Unpaid"
    CANCELED = "canceled", "Canceled"
    INCOMPLETE = "incomplete", "First payment open"
    INCOMPLETE_EXPIRED = "incomplete_expired", "First payment missed"
    PAUSED = "paused", "Paused"


class WaitsFor(models.TextChoices):
    """What an upgrade waits for that is not paid yet."""

    CONFIRM = "confirm", "The bank wants a confirmation"
    CARD = "card", "The card was refused"


# With these the plan is kept (payments.md §1).
LIVE = frozenset({Status.TRIALING, Status.ACTIVE, Status.PAST_DUE})


class AgencySubscription(models.Model):
    """What one agency bought, as Stripe said when it was last asked, and what we gave it for nothing."""

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="subscription")
    # Asked for twice, Stripe makes one customer of it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NONE, blank=True)
    plan = models.PositiveSmallIntegerField(choices=Plan.choices, null=True, blank=True)
    interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    minor = models.BigIntegerField(
        default=0, help_text="price of one period, in the currency's smallest unit"
    )
    currency = models.CharField(max_length=3, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    trial_end = models.DateTimeField(null=True, blank=True)
    cancel_at_period_end = models.BooleanField(default=False)
    pending_plan = models.PositiveSmallIntegerField(choices=Plan.choices, null=True, blank=True)
    pending_interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    pending_minor = models.BigIntegerField(default=0)
    pending_from = models.DateTimeField(null=True, blank=True)
    # An upgrade that counts once it is paid: its bank wants a confirmation, or refused the card.
    waiting_plan = models.PositiveSmallIntegerField(choices=Plan.choices, null=True, blank=True)
    waiting_interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    waiting_minor = models.BigIntegerField(default=0, help_text="to pay now for it")
    waiting_for = models.CharField(max_length=7, choices=WaitsFor.choices, blank=True)
    waiting_until = models.DateTimeField(null=True, blank=True)
    waiting_invoice = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField(null=True, blank=True, help_text="when this subscription was bought")
    past_due_since = models.DateTimeField(null=True, blank=True)
    read_only_since = models.DateTimeField(null=True, blank=True)
    coupon = models.CharField(max_length=80, blank=True)
    comp_plan = models.PositiveSmallIntegerField(choices=Plan.choices, null=True, blank=True)
    comp_until = models.DateTimeField(null=True, blank=True)
    # Two subscriptions at once: two tabs paid. A person has to look.
    is_doubled = models.BooleanField(default=False)
    stripe_customer_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    stripe_subscription_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    stripe_item_id = models.CharField(max_length=64, blank=True)
    stripe_schedule_id = models.CharField(max_length=64, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pending_plan__isnull=True, pending_from__isnull=True)
                | models.Q(pending_plan__isnull=False, pending_from__isnull=False),
                name="pending_plan_has_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(comp_plan__isnull=True, comp_until__isnull=True)
                | models.Q(comp_plan__isnull=False, comp_until__isnull=False),
                name="comp_has_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(waiting_plan__isnull=True, waiting_until__isnull=True)
                | models.Q(waiting_plan__isnull=False, waiting_until__isnull=False),
                name="waiting_upgrade_has_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.get_status_display()}"

    @property
    def is_live(self) -> bool:
        """Whether it is bought and kept: paid, on a trial before its first bill, or past due."""
        return self.status in LIVE

    @property
    def is_comped_for_good(self) -> bool:
        """Whether what it has for nothing was given until further notice."""
        return self.comp_until is not None and self.comp_until.year > 2900

    def is_comped(self, now: datetime) -> bool:
        """Whether it has a plan of us for nothing at that moment."""
        return self.comp_until is not None and self.comp_until > now


class Checkout(models.Model):
    """One attempt to buy; committed before Stripe is asked, its uuid is the idempotency key."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        OVER = "over", "Over"

    uid = models.UUIDField(unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="plan_checkouts")
    plan = models.PositiveSmallIntegerField(choices=Plan.choices)
    interval = models.CharField(max_length=5, choices=Interval.choices)
    by = models.EmailField(max_length=254)
    session_id = models.CharField(max_length=80, unique=True, null=True, blank=True)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.agency}: {self.get_plan_display()}, {self.get_interval_display()}"


class PlanInvoice(models.Model):
    """An invoice of ours to an agency, to list and download. The paper itself is Stripe's."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="plan_invoices")
    stripe_id = models.CharField(max_length=64, unique=True)
    number = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=16)
    minor = models.BigIntegerField(help_text="total, in the currency's smallest unit")
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.number or self.stripe_id} to {self.agency}"


class PlanPrice(models.Model):
    """What a plan costs, where an operator set another price than the settings'."""

    plan = models.PositiveSmallIntegerField(choices=Plan.choices)
    interval = models.CharField(max_length=5, choices=Interval.choices)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "interval"], name="one_price_per_plan_and_interval"),
            models.CheckConstraint(condition=models.Q(minor__gt=0), name="a_plan_costs_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_plan_display()}, {self.get_interval_display()}"


class BillingNotice(models.Model):
    """That the owners were told of something once."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="billing_notices")
    kind = models.CharField(max_length=24)
    about = models.DateTimeField(help_text="the moment that began it: another one is told of anew")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind", "about"], name="told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.kind}"

"""Events as Stripe sent them, and the connected accounts of agencies."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from kit import clock
from tenants.agencies.models import Agency


class Endpoint(models.TextChoices):
    """Stripe tells of our own account and of connected ones at two addresses with secrets of their own."""

    PLATFORM = "platform", "Platform"
    CONNECT = "connect", "Connect"


class EventState(models.TextChoices):
    """received → done, ignored, parked or failed; failed and parked ones can be tried again."""

    RECEIVED = "received", "Received"
    DONE = "done", "Done"
    IGNORED = "ignored", "Ignored"
    PARKED = "parked", "Parked"
    FAILED = "failed", "Failed"


class InboxEvent(models.Model):
    """One event, stored before it was acknowledged. A hint that something changed, never the truth."""

    event_id = models.CharField(max_length=120, unique=True)
    endpoint = models.CharField(max_length=8, choices=Endpoint.choices)
    type = models.CharField(max_length=120)
    account = models.CharField(max_length=64, blank=True, help_text="connected account; empty: our own")
    object_id = models.CharField(max_length=120, blank=True)
    livemode = models.BooleanField()
    created = models.DateTimeField(help_text="Stripe's moment")
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=EventState.choices, default=EventState.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    received_at = models.DateTimeField(default=clock.now, editable=False)
    next_try_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], name="inbox_waiting", condition=Q(state="received")),
            models.Index(fields=["account"], name="inbox_parked", condition=Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class ConnectAccount(models.Model):
    """An agency's own account at Stripe; what it may do is copied from Stripe whenever we look."""

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="connect_account")
    uid = models.UUIDField(
        default=uuid4, unique=True, editable=False, help_text="makes creating it idempotent"
    )
    # The only way from an event to an agency.
    stripe_account_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    currency = models.CharField(max_length=3, help_text="ISO 4217")
    charges_enabled = models.BooleanField(default=False)
    payouts_enabled = models.BooleanField(default=False)
    card_status = models.CharField(max_length=20, blank=True, help_text="Stripe's word for card payments")
    due = models.JSONField(default=list, help_text="what Stripe asks the agency for now")
    in_review = models.BooleanField(default=False, help_text="Stripe has it all and looks at it")
    hosts = models.JSONField(default=list, help_text="portal hosts on which wallets may show")
    drift = models.PositiveIntegerField(default=0, help_text="movements that differed when last compared")
    compared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    deauthorized_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.agency}: {self.stripe_account_id or 'not made yet'}"

    @property
    def can_charge(self) -> bool:
        """Whether new payments may begin. Refunds and disputes are booked in any case."""
        return bool(self.stripe_account_id) and self.charges_enabled and self.deauthorized_at is None


class EventCursor(models.Model):
    """Up to when the events of one account were read again, in case one was lost on the way."""

    account = models.CharField(max_length=64, unique=True, help_text="empty: our own")
    read_until = models.DateTimeField()
    found_lost = models.PositiveIntegerField(default=0, help_text="in the last reading")

    def __str__(self) -> str:
        return f"{self.account or 'platform'} until {self.read_until:%Y-%m-%d %H:%M}"

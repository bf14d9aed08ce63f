"""What the other side said about each mail, and addresses that take no mail any more."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from kit import clock
from portal.mail.models import Message
from portal.people.models import Staff


class DeliveryEvent(models.Model):
    """One thing that happened to a message; append-only. When it was queued stands on the message."""

    class Kind(models.TextChoices):
        SENT = "sent", "Handed over"
        DEFERRED = "deferred", "Asked to wait"
        DELIVERED = "delivered", "Delivered"
        BOUNCED = "bounced", "Bounced"
        COMPLAINED = "complained", "Reported as spam"
        FAILED = "failed", "Given up"
        DROPPED = "dropped", "Not sent"
        AGAIN = "again", "Queued again"

    class Source(models.TextChoices):
        US = "us", "Our mail program"
        SMTP = "smtp", "The mail server"
        REPORT = "report", "A report by mail"
        SERVICE = "service", "The mail service"
        STAFF = "staff", "Staff"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(default=clock.now, help_text="as the other side says, or when we heard it")
    words = models.CharField(max_length=500, blank=True, help_text="of the other side, or ours for staff")
    source = models.CharField(max_length=8, choices=Source.choices)
    # Reports and services tell some things twice.
    fingerprint = models.CharField(max_length=64, unique=True, null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["message", "at"], name="delivery_of_message")]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class AddressMark(models.Model):
    """That an address takes no mail, or that its owner wants none. It counts until staff clear it.

    A client or member of staff who gets another address starts clean: marks are of addresses, not of people.
    """

    class Reason(models.TextChoices):
        BOUNCED = "bounced", "It does not take mail"
        COMPLAINED = "complained", "Its owner reported a mail as spam"

    address = models.EmailField(max_length=254)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    words = models.CharField(max_length=500, blank=True, help_text="of the other side")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(default=clock.now)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("address"), condition=Q(cleared_at__isnull=True), name="one_standing_mark_per_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}"

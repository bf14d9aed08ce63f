"""The log of every message; its row is also what makes sending idempotent."""

import uuid
from typing import ClassVar

from django.db import models

from kit import clock
from portal.mail.models_words import Gathering, Wording
from portal.people.models import Client, Staff

__all__ = ["Gathering", "Message", "Wording"]


class Message(models.Model):
    """One mail to one person: queued → sent → delivered, bounced or complained; or failed, or dropped.

    What led to the state, in whose words, is in `portal.delivery.models.DeliveryEvent`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        BOUNCED = "bounced", "Bounced"
        COMPLAINED = "complained", "Reported as spam"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Not sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.CharField(max_length=80, help_text="key of the declared mail")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="messages")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="messages")
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=255, blank=True)
    words = models.JSONField(default=dict, help_text="context of the templates; never a secret")
    sent_with = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="tells_of",
        help_text="the message in which this item was told together with others",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="mail_newest_first")]

    def __str__(self) -> str:
        return f"{self.email} to {self.address}"

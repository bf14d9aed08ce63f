"""Mail as it came over the wire, kept until somebody has read it."""

from typing import ClassVar

from django.db import models

from kit import clock


class Unreadable(Exception):
    """Raised by who reads a mail: it will never become readable; its words are kept on the arrival."""


class Arrival(models.Model):
    """One mail to one of our signed addresses: received → read, or unreadable, or failed after five tries."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        READ = "read", "Read"
        UNREADABLE = "unreadable", "Unreadable"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=26, help_text="the thing that it is about, as the address says")
    sender = models.CharField(max_length=320, blank=True, help_text="of the envelope; empty: a report")
    raw = models.BinaryField(help_text="emptied after 30 days")
    # A server that did not hear our 250 sends the same again.
    fingerprint = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    error = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["received_at"], name="intake_received")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

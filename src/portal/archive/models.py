"""Archives and the zip files that they consist of."""

import uuid

from django.db import models

from kit import clock
from portal.people.models import Staff


class Archive(models.Model):
    """One copy of everything, as it was when it was made."""

    class State(models.TextChoices):
        RUNNING = "running", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Not finished"
        GONE = "gone", "Removed"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asked_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0, help_text="tables and files that are in it")
    total = models.PositiveIntegerField(default=0)
    # Where the next part goes on; files are taken by their id.
    after = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    moved_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="running"), name="one_archive_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.done} of {self.total}"


class ArchivePart(models.Model):
    """One zip file."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    storage_key = models.CharField(max_length=255, unique=True)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["archive", "number"], name="one_part_per_number")]

    def __str__(self) -> str:
        return f"part {self.number}"

"""Who did what with a file, for staff: noted once per person, deed and day."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.files.models.files import File, Version
from portal.people.models import Client, Staff


class Activity(models.Model):
    """That somebody looked at, downloaded or sent a file on one day (the first time of that day)."""

    class Did(models.TextChoices):
        VIEWED = "viewed", "looked at it"
        DOWNLOADED = "downloaded", "downloaded it"
        UPLOADED = "uploaded", "uploaded it"

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="activity")
    version = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="+")
    did = models.CharField(max_length=10, choices=Did.choices)
    day = models.DateField(help_text="agency's zone")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "client", "did", "day"],
                condition=Q(client__isnull=False),
                name="client_activity_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["file", "staff", "did", "day"],
                condition=Q(staff__isnull=False),
                name="staff_activity_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(client__isnull=True) ^ Q(staff__isnull=True), name="activity_has_one_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client or self.staff} {self.get_did_display()}"

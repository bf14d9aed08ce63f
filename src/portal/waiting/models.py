"""What is kept about the queue: who gave a line to whom, and which weeks were mailed."""

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from kit import clock
from portal.people.models import Client

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class HandedOn(models.Model):
    """That a client gave a line of its queue to a colleague. The line itself is the module's."""

    line = models.CharField(max_length=100, help_text="the line's key, e.g. deliverables.deliverable:7")
    giver = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    taker = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "giver"], name="a_line_is_given_to_one"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="a_line_is_given_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.giver} → {self.taker}"


class WeeklyMail(models.Model):
    """That a client was mailed its queue in this week: what makes sending it twice impossible."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    week = models.CharField(max_length=8, help_text="ISO 8601, e.g. 2026-W47")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "week"], name="one_weekly_mail_a_week")
        ]

    def __str__(self) -> str:
        return f"{self.week} to {self.client}"


class WaitingSettings(models.Model):
    """When the weekly mail goes out, in the agency's zone. One row."""

    is_on = models.BooleanField(default=True)
    weekday = models.PositiveSmallIntegerField(
        default=0, choices=list(enumerate(WEEKDAYS)), validators=[MaxValueValidator(6)]
    )
    hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])

    class Meta:
        verbose_name_plural = "waiting settings"

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]}, {self.hour} h" if self.is_on else "off"

    @classmethod
    def load(cls) -> "WaitingSettings":
        """The row, made of the defaults if nobody changed anything yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

"""Invoices that write themselves again and again, and the row of each time."""

import calendar
from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.invoices.models.invoices import Invoice
from modules.invoices.models.patterns import Pattern
from portal.people.models import Right, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Every(models.TextChoices):
    """The unit of a rhythm."""

    WEEK = "week", "week(s)"
    MONTH = "month", "month(s)"
    QUARTER = "quarter", "quarter(s)"
    YEAR = "year", "year(s)"


class RepeatingState(models.TextChoices):
    ACTIVE = "active", "Running"
    PAUSED = "paused", "Paused"
    ENDED = "ended", "Ended"


class RepeatingQuerySet(OwnedQuerySet):
    needs = (Right.VIEW_MONEY,)

    def due(self, today: date) -> "RepeatingQuerySet":
        """Running, and something is to be written today."""
        return self.filter(state=RepeatingState.ACTIVE, next_on__lte=today)


class Repeating(OwnedRecord):
    """A rhythm with a pattern. `anchor_on` and `turn` say its days, so that no day drifts (31, 28, 31)."""

    pattern = models.OneToOneField(Pattern, on_delete=models.PROTECT, related_name="repeating")
    state = models.CharField(max_length=6, choices=RepeatingState.choices, default=RepeatingState.ACTIVE)
    every = models.PositiveSmallIntegerField(default=1)
    unit = models.CharField(max_length=7, choices=Every.choices, default=Every.MONTH)
    on_last_day = models.BooleanField(default=False, help_text="of the month, whatever day the first one has")
    anchor_on = models.DateField(help_text="the first day of this rhythm")
    turn = models.PositiveIntegerField(default=0, help_text="turns since the anchor; the next one's")
    next_on = models.DateField(null=True, blank=True, help_text="agency's calendar; empty when it ended")
    end_on = models.DateField(null=True, blank=True, help_text="no invoice after this day")
    times = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="how many in all; empty: endless"
    )
    made = models.PositiveIntegerField(default=0, help_text="how many there were")
    issues = models.BooleanField(default=False, help_text="send at once; else a draft is written")
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = RepeatingQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = "repeating invoice"
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(every__gte=1), name="repeating_has_a_rhythm"),
            models.CheckConstraint(
                condition=Q(state="ended", next_on__isnull=True)
                | (~Q(state="ended") & Q(next_on__isnull=False)),
                name="running_has_a_next_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_on"], name="repeating_due", condition=Q(state="active"))
        ]

    def __str__(self) -> str:
        return f"repeating “{self.pattern.title}”"

    def day_of(self, turn: int) -> date:
        """The day of a turn, counted from the anchor. A month without that day takes its last one.

        Raises:
            OverflowError: the calendar ends before it.
        """
        if self.unit == Every.WEEK:
            return self.anchor_on + timedelta(weeks=self.every * turn)
        months = self.anchor_on.month - 1 + MONTHS[self.unit] * self.every * turn
        year, month = self.anchor_on.year + months // 12, months % 12 + 1
        if year > date.max.year:
            raise OverflowError("the calendar ends before this turn")
        last = calendar.monthrange(year, month)[1]
        return date(year, month, last if self.on_last_day else min(self.anchor_on.day, last))

    def days_from_now(self, count: int) -> list[date]:
        """The next days, as far as it goes on."""
        if self.next_on is None:
            return []
        days = []
        for step in range(count):
            day = self.day_of(self.turn + step)
            over = self.end_on is not None and day > self.end_on
            if over or (self.times is not None and self.made + step >= self.times):
                break
            days.append(day)
        return days


class Repetition(models.Model):
    """That the invoice of one day was written: one row for each day, so that no day is billed twice."""

    repeating = models.ForeignKey(Repeating, on_delete=models.CASCADE, related_name="repetitions")
    on = models.DateField()
    until = models.DateField(help_text="the last day of what it bills")
    invoice = models.OneToOneField(
        Invoice, null=True, blank=True, on_delete=models.SET_NULL, related_name="repetition"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["repeating", "on"], name="one_invoice_per_day_of_repeating")
        ]

    def __str__(self) -> str:
        return f"{self.repeating}, {self.on}"

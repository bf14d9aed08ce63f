"""One table: one row per reason why a company or a client may use something."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kit import clock
from portal.people.models import Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord


class EntitlementQuerySet(OwnedQuerySet):
    # What is open for a company is open for all of its people: a door that stands open is no history.
    moment = ""

    def standing(self) -> "EntitlementQuerySet":
        """Neither ended nor run out. A paused one cannot run out: its time stands still."""
        not_run_out = Q(until__isnull=True) | Q(until__gt=clock.now()) | Q(paused_at__isnull=False)
        return self.filter(not_run_out, ended_at__isnull=True)

    def usable(self) -> "EntitlementQuerySet":
        """Those that open something right now."""
        return self.standing().filter(paused_at__isnull=True, since__lte=clock.now())

    def run_out(self) -> "EntitlementQuerySet":
        """Over by their own date, and not yet closed."""
        return self.filter(until__lte=clock.now(), paused_at__isnull=True, ended_at__isnull=True)


class Entitlement(OwnedRecord):
    """That its owner may use `key` because of `source`.

    Two subscriptions that open the same thing are two rows: it closes when the last one ends.
    """

    class Reason(models.TextChoices):
        PURCHASE = "purchase", "Bought"
        HAND = "hand", "Given by staff"
        WORKFLOW = "workflow", "Given by a workflow"

    key = models.CharField(max_length=100, help_text="what it opens, e.g. courses.course:12")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    source = models.CharField(max_length=100, help_text="who gave it, e.g. subscriptions.subscription:7")
    note = models.CharField(max_length=200, blank=True)
    given_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True, help_text="moves on by the length of each pause")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_for = models.DurationField(default=timedelta(0), help_text="all pauses that are over, together")
    limited_at = models.DateTimeField(null=True, blank=True, help_text="only what was begun, nothing new")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = EntitlementQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        indexes: ClassVar = [models.Index(fields=["source"], name="entitlement_by_source")]
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            # What makes granting twice one grant, even when two workers grant at once.
            models.UniqueConstraint(
                fields=["company", "client", "key", "source"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_standing_entitlement_per_source",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="entitlement_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} for {self.owner}"

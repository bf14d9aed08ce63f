"""Projects and what the client sees of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord


class ProjectQuerySet(OwnedQuerySet):
    def open(self) -> "ProjectQuerySet":
        """Not archived."""
        return self.filter(archived_at__isnull=True)


class Project(OwnedRecord):
    """Work for one company or lone client."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        ACTIVE = "active", "In progress"
        PAUSED = "paused", "Paused"
        DELIVERED = "delivered", "Delivered"
        ONGOING = "ongoing", "Ongoing service"
        CANCELLED = "cancelled", "Cancelled"

    class Health(models.TextChoices):
        ON_TRACK = "on_track", "On track"
        AT_RISK = "at_risk", "At risk"
        LATE = "late", "Late"

    name = models.CharField(max_length=160)
    summary = models.TextField(blank=True, help_text="what the client reads on top")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_label = models.CharField(max_length=40, blank=True, help_text="the agency's own word for it")
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.ON_TRACK)
    lead = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    progress_override = models.PositiveSmallIntegerField(null=True, blank=True, help_text="percent")
    progress_reason = models.CharField(
        max_length=200, blank=True, help_text="why the percentage is set by hand"
    )
    rounds_included = models.PositiveSmallIntegerField(default=2, help_text="review rounds per deliverable")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(progress_override__isnull=True) | Q(progress_override__lte=100),
                name="project_progress_is_percent",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=models.F("starts_on")),
                name="project_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Milestone(models.Model):
    """A step of a project, with its share of the whole."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        ACTIVE = "active", "In progress"
        IN_REVIEW = "in_review", "In review"
        DONE = "done", "Done"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=160)
    note = models.TextField(blank=True, help_text="the client sees it")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    weight = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=100), name="milestone_weight_1_to_100"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Update(models.Model):
    """News of a project, for the client."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="updates")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]


class UpdateComment(models.Model):
    """An answer under an update, by a client or by staff."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="comments")
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Task(models.Model):
    """Internal work. Never reaches a client, by any page, mail or API answer of the portal."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    assignee = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["done_at", "due_on", "pk"]

    def __str__(self) -> str:
        return self.title


class InternalComment(models.Model):
    """Talk among staff about a project. Never reaches a client."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="internal_comments")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]

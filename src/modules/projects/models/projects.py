"""Projects and their milestones, from which the percentage is counted."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from portal.agency import current_agency
from portal.people.models import Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord


@dataclass(frozen=True)
class Progress:
    """How far a project is: `done` of `total` milestones, or a percentage that staff set by hand.

    `is_weighted`: the milestones do not all count the same, so the percentage need not be done / total.
    """

    percent: int
    done: int = 0
    total: int = 0
    is_weighted: bool = False
    is_by_hand: bool = False

    @property
    def words(self) -> str:
        """The rule in words, as the page states it."""
        if self.is_by_hand:
            return "as estimated"
        counted = f"{self.done} of {self.total} done"
        return f"{counted}, larger ones count more" if self.is_weighted else counted


class ProjectQuerySet(OwnedQuerySet):
    lead_paths = ("lead",)

    def open(self) -> "ProjectQuerySet":
        """Not archived."""
        return self.filter(archived_at__isnull=True)

    def archived(self) -> "ProjectQuerySet":
        """Only to be read any more."""
        return self.filter(archived_at__isnull=False)

    def running(self) -> "ProjectQuerySet":
        """Open, and neither delivered nor cancelled."""
        return self.open().exclude(status__in=Project.FINISHED)

    def for_lists(self) -> "ProjectQuerySet":
        """With what a list prints of each: owner, lead, and the milestones that progress is counted from."""
        return self.select_related("company", "client", "lead").prefetch_related("milestones")

    def work_first(self) -> "ProjectQuerySet":
        """Running ones first, then finished, then archived; the newest first among each."""
        rank = models.Case(
            models.When(archived_at__isnull=False, then=2),
            models.When(status__in=Project.FINISHED, then=1),
            default=0,
        )
        ordered: ProjectQuerySet = self.alias(rank=rank).order_by("rank", "-created_at", "-pk")
        return ordered


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

    console_page = "projects:access"
    FINISHED: ClassVar = (Status.DELIVERED, Status.CANCELLED)

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
        max_length=200, blank=True, help_text="why the percentage is set by hand; staff only"
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
                condition=Q(progress_override__isnull=True) | ~Q(progress_reason=""),
                name="project_override_has_reason",
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

    @property
    def status_words(self) -> str:
        """The agency's own label, else the canonical one."""
        return self.status_label or self.get_status_display()

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_running(self) -> bool:
        """Whether health and deadlines still say something."""
        return not self.is_archived and self.status not in self.FINISHED

    @cached_property
    def progress(self) -> Progress | None:
        """The share of done milestones by weight; None while there are no milestones.

        Rounded to whole per cent, but 100 only when all are done and 0 only when none is. A percentage
        set by hand goes before. Reads `milestones`: lists prefetch them (`for_lists`).
        """
        if self.progress_override is not None:
            return Progress(self.progress_override, is_by_hand=True)
        milestones = list(self.milestones.all())
        if not milestones:
            return None
        finished = [milestone for milestone in milestones if milestone.is_done]
        percent = round(100 * sum(m.weight for m in finished) / sum(m.weight for m in milestones))
        if 0 < len(finished) < len(milestones):
            percent = min(99, max(1, percent))
        is_weighted = 0 < len(finished) < len(milestones) and len({m.weight for m in milestones}) > 1
        return Progress(percent, len(finished), len(milestones), is_weighted)

    @cached_property
    def deadlines(self) -> list["Milestone"]:
        """Milestones with a date that are not done, the next one first; overdue ones lead."""
        dated = [m for m in self.milestones.all() if m.due_on and not m.is_done]
        return sorted(dated, key=lambda m: (m.due_on, m.position)) if self.is_running else []


class MilestoneQuerySet(OwnedQuerySet):
    owner_path = "project"
    lead_paths = ("project__lead",)


class Milestone(models.Model):
    """A step of a project, with its share of the whole."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        ACTIVE = "active", "In progress"
        IN_REVIEW = "in_review", "In review"
        DONE = "done", "Done"

    MOST_WEIGHT = 100

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=160)
    note = models.TextField(blank=True, help_text="the client sees it")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    weight = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=100), name="milestone_weight_1_to_100"
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
                name="done_milestone_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_overdue(self) -> bool:
        """Whether its day is over, in the agency's zone, and it is not done."""
        return not self.is_done and self.due_on is not None and self.due_on < current_agency().today()

    def move_to(self, state: str) -> None:
        """Into a state; any may follow any, staff correct themselves. Does not save."""
        if state == self.State.DONE and self.done_at is None:
            self.done_at = clock.now()
        if state != self.State.DONE:
            self.done_at = None
        self.state = state

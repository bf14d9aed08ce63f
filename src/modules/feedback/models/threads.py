"""Threads: one matter that a client brought up."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from kit import clock
from modules.projects.models import Project
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord

LONGEST_SUBJECT = 120


class Kind(models.TextChoices):
    """What a message is."""

    QUESTION = "question", "Question"
    PROBLEM = "problem", "Problem"
    IDEA = "idea", "Idea"
    PRAISE = "praise", "Praise"


class State(models.TextChoices):
    """A life; the allowed steps are in `lives.py`."""

    NEW = "new", "New"
    OPEN = "open", "Open"
    WAITING = "waiting_client", "Waiting for the client"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"
    REOPENED = "reopened", "Reopened"


class Rating(models.TextChoices):
    """What the client says of how it was settled."""

    GOOD = "good", "Good"
    FAIR = "fair", "All right"
    BAD = "bad", "Not good"


class ThreadQuerySet(OwnedQuerySet):
    lead_paths = ("assignee", "project__lead")

    def not_merged(self) -> "ThreadQuerySet":
        """Without those whose entries moved into another one."""
        return self.filter(merged_into__isnull=True)

    def unresolved(self) -> "ThreadQuerySet":
        """Those about which something is still to happen, snoozed ones included."""
        return self.not_merged().exclude(state=State.RESOLVED)

    def on_us(self) -> "ThreadQuerySet":
        """Those that wait for an answer of the agency now."""
        return self.not_merged().filter(state__in=Thread.ON_US)

    def overdue(self) -> "ThreadQuerySet":
        """Those on us whose answer was due before now."""
        return self.on_us().filter(answer_due_at__lt=clock.now())

    def asking_client(self) -> "ThreadQuerySet":
        """Those that wait for the client."""
        return self.not_merged().filter(state=State.WAITING)


class Thread(OwnedRecord):
    """A client's message and what followed. Its number is its key: one sequence per agency, never used twice."""

    ON_US: ClassVar = (State.NEW, State.OPEN, State.REOPENED)

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.QUESTION)
    subject = models.CharField(max_length=LONGEST_SUBJECT, help_text="one line, from the first words")
    state = models.CharField(max_length=15, choices=State.choices, default=State.NEW)
    author = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="feedback"
    )
    about_section = models.CharField(max_length=40, blank=True, help_text="key of the module")
    about_id = models.PositiveBigIntegerField(null=True, blank=True)
    about_words = models.CharField(max_length=160, blank=True, help_text="as the client read it")
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    snoozed_until = models.DateField(null=True, blank=True, help_text="comes back on this day")
    answer_due_at = models.DateTimeField(null=True, blank=True, help_text="while the agency is asked")
    resolved_at = models.DateTimeField(null=True, blank=True)
    rating = models.CharField(max_length=4, choices=Rating.choices, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    last_said_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ThreadQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = "conversation"
        indexes: ClassVar = [
            models.Index(fields=["state", "-last_said_at"], name="feedback_by_state"),
            GinIndex(fields=["tags"], name="feedback_by_tag"),
        ]
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="snoozed", snoozed_until__isnull=False)
                | (~Q(state="snoozed") & Q(snoozed_until__isnull=True)),
                name="feedback_snoozed_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | (~Q(state="resolved") & Q(resolved_at__isnull=True)),
                name="feedback_resolved_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(state="resolved"),
                name="feedback_merged_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def is_resolved(self) -> bool:
        return self.state == State.RESOLVED

    @property
    def is_private(self) -> bool:
        """Whether only its author reads it, and staff."""
        return self.company_id is None or bool(self.private_to)

    @property
    def is_overdue(self) -> bool:
        """Whether the agency is asked and its answer was due before now."""
        return (
            self.state in self.ON_US and self.answer_due_at is not None and self.answer_due_at < clock.now()
        )

    @property
    def task_source(self) -> str:
        """Who asks, as the task of this thread says it."""
        return f"feedback.thread:{self.pk}"

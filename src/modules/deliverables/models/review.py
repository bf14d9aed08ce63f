"""Who reviews, what they decide and what they say."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.deliverables.models.work import Deliverable, Version, VersionFile
from portal.people.models import Client, Staff


class Reviewer(models.Model):
    """A client who is asked to decide (or only to comment)."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="reviewers")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    decides = models.BooleanField(default=True, help_text="off: may comment, is not asked to decide")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deliverable", "client"], name="reviewer_once")
        ]

    def __str__(self) -> str:
        return str(self.client)


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> "DecisionQuerySet":
        """Not undone."""
        return self.filter(undone_at__isnull=True)


class Decision(models.Model):
    """What one client said of one version: approval, or changes requested with the reason."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", "Approved"
        CHANGES = "changes_requested", "Changes requested"

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="decisions")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    version_sha256 = models.CharField(max_length=64, help_text="of what was looked at")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "client"],
                condition=Q(undone_at__isnull=True),
                name="one_standing_decision",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="changes_requested") | ~Q(reason=""), name="changes_have_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.get_verdict_display()}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown_to_clients(self) -> "CommentQuerySet":
        """Without internal talk, and only of versions that clients were shown."""
        return self.filter(is_internal=False, version__shown_at__isnull=False)

    def open(self) -> "CommentQuerySet":
        """Threads that nobody has resolved."""
        return self.filter(answers__isnull=True, resolved_at__isnull=True)


class Comment(models.Model):
    """A remark on a version: general, or pinned to a point of an image. Internal ones stay with staff."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="comments")
    file = models.ForeignKey(
        VersionFile, null=True, blank=True, on_delete=models.CASCADE, related_name="pins"
    )
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    answers = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies"
    )
    text = models.TextField()
    x = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="percent of width"
    )
    y = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="percent of height"
    )
    is_internal = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(x__isnull=True, y__isnull=True) | Q(x__range=(0, 100), y__range=(0, 100)),
                name="pin_lies_on_the_image",
            ),
            models.CheckConstraint(
                condition=Q(is_internal=False) | Q(client__isnull=True), name="only_staff_comment_internally"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def author_name(self) -> str:
        """Who wrote it, as both sides read it."""
        return str(self.client or self.staff or "Somebody who left")

    @property
    def has_pin(self) -> bool:
        return self.x is not None and self.file_id is not None


class Reminder(models.Model):
    """That a client was reminded of a due date: one row for each date and distance, so nobody hears it twice."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="reminders")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()
    days_before = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["deliverable", "client", "due_on", "days_before"], name="reminded_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.client}, {self.days_before} days before {self.due_on}"

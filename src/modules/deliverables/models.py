"""Deliverables, their versions, and what was decided about them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.projects.models import Project
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet
from portal.uploads.models import Upload


class DeliverableQuerySet(OwnedQuerySet):
    owner_path = "project"

    def shown_to_clients(self) -> "DeliverableQuerySet":
        """Drafts and internal reviews stay inside the agency."""
        return self.exclude(state__in=[State.DRAFT, State.INTERNAL_REVIEW])


class State(models.TextChoices):
    """A life; the allowed steps are in `lives.py`."""

    DRAFT = "draft", "Draft"
    INTERNAL_REVIEW = "internal_review", "Internal review"
    READY = "ready_for_review", "Ready for review"
    CHANGES = "changes_requested", "Changes requested"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Deliverable(models.Model):
    """One piece of work of a project that clients review."""

    class Rule(models.TextChoices):
        ANY = "any", "One reviewer is enough"
        ALL = "all", "Every reviewer must approve"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deliverables")
    name = models.CharField(max_length=160)
    brief = models.TextField(blank=True, help_text="what the client reads beside it")
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    rule = models.CharField(max_length=3, choices=Rule.choices, default=Rule.ANY)
    due_on = models.DateField(null=True, blank=True, help_text="when the decision is wanted")
    rounds_used = models.PositiveSmallIntegerField(default=0)
    rounds_included = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="empty: the project's"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = DeliverableQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """What was handed in at one time. Versions are numbered from 1 and never overwritten."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True, help_text="what changed; the client sees it")
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    shown_at = models.DateTimeField(null=True, blank=True, help_text="when it was made ready for review")
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_sha256 = models.CharField(max_length=64, blank=True, help_text="over its files, in order")

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deliverable", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(locked_at__isnull=True) | ~Q(locked_sha256=""), name="locked_version_has_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class VersionFile(models.Model):
    """A file of a version."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="files")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.upload)


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
        """Without internal talk."""
        return self.filter(is_internal=False)


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

"""Deliverables, their versions and the files of these."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from kit import clock
from modules.projects.models import Project
from portal.people.models import Staff
from portal.people.owned import OwnedQuerySet
from portal.uploads.models import Upload

# How long a client may take an approval back before it is locked for good.
UNDO_WINDOW = timedelta(minutes=10)


class DeliverableQuerySet(OwnedQuerySet):
    owner_path = "project"
    lead_paths = ("project__lead",)

    def shown_to_clients(self) -> "DeliverableQuerySet":
        """Those of which clients were shown a version; what was never shown stays inside the agency."""
        return self.filter(Exists(Version.objects.shown().filter(deliverable=OuterRef("pk"))))

    def with_newest_shown(self) -> "DeliverableQuerySet":
        """Adds `shown_number` and `shown_at`: of the newest version that clients may see."""
        newest = Version.objects.shown().filter(deliverable=OuterRef("pk")).order_by("-number")
        return self.annotate(  # type: ignore[no-any-return]
            shown_number=Subquery(newest.values("number")[:1]),
            shown_at=Subquery(newest.values("shown_at")[:1]),
        )


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
    locks_at = models.DateTimeField(
        null=True, blank=True, help_text="of an approved one: until then the approval can be undone"
    )
    # RESTRICT: the row that was approved cannot be deleted from under its deliverable, by the database.
    locked_version = models.OneToOneField(
        "Version", null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = DeliverableQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(locks_at__isnull=False, state="approved")
                | (Q(locks_at__isnull=True) & ~Q(state="approved")),
                name="approved_means_it_locks",
            ),
            models.CheckConstraint(
                condition=Q(locked_version__isnull=True) | Q(state="approved"), name="locked_stays_approved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_locked(self) -> bool:
        """Approved, and the time to undo is over; true from that moment, whether or not the job ran."""
        return self.locks_at is not None and self.locks_at <= clock.now()

    @property
    def rounds_allowed(self) -> int:
        """How many rounds of changes are included: its own number, else the project's."""
        if self.rounds_included is not None:
            return self.rounds_included
        return int(self.project.rounds_included)


class VersionQuerySet(models.QuerySet["Version"]):
    def shown(self) -> "VersionQuerySet":
        """Those that clients may see."""
        return self.filter(shown_at__isnull=False)


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

    objects = VersionQuerySet.as_manager()

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

"""File requests: a checklist of what a client is asked to send, item by item accepted or rejected."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from kit import clock
from modules.files.models import formats
from modules.files.models.files import File
from modules.projects.models import Project
from portal.agency import current_agency
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord
from portal.uploads.rules import in_words


class FileRequestQuerySet(OwnedQuerySet):
    lead_paths = ("project__lead",)

    def open(self) -> "FileRequestQuerySet":
        """Not closed, and something is not accepted yet."""
        unmet = RequestItem.objects.filter(request=OuterRef("pk")).exclude(state=RequestItem.State.ACCEPTED)
        return self.filter(Exists(unmet), closed_at__isnull=True)


class FileRequest(OwnedRecord):
    """What staff ask one company or lone client for."""

    title = models.CharField(max_length=160)
    note = models.TextField(blank=True, help_text="the client reads it")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="by staff: nothing more is wanted")
    reminded_on = models.DateField(null=True, blank=True, help_text="the day of the last reminder")

    objects = FileRequestQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        """Whether its day is over, in the agency's zone."""
        return self.due_on is not None and self.due_on < current_agency().today()


class RequestItemQuerySet(OwnedQuerySet):
    owner_path = "request"
    lead_paths = ("request__project__lead",)

    def wanted(self) -> "RequestItemQuerySet":
        """Those that the client can send something for now."""
        return self.filter(state__in=RequestItem.WANTED, request__closed_at__isnull=True)


class RequestItem(models.Model):
    """One thing on the list. Wanted → sent → accepted, or → rejected and wanted again."""

    class State(models.TextChoices):
        WANTED = "wanted", "Wanted"
        SENT = "sent", "Sent"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Please send again"

    WANTED: ClassVar = (State.WANTED, State.REJECTED)

    request = models.ForeignKey(FileRequest, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(max_length=160)
    formats = ArrayField(models.CharField(max_length=10, choices=formats.CHOICES), default=list, blank=True)
    most_bytes = models.PositiveBigIntegerField(null=True, blank=True, help_text="empty: the usual limit")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WANTED)
    position = models.PositiveSmallIntegerField(default=0)

    objects = RequestItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def demand(self) -> str:
        """What is taken, in words: "PDF, at most 10 MB"."""
        size = f", at most {in_words(self.most_bytes)}" if self.most_bytes else ""
        return formats.in_words(self.formats) + size

    @property
    def is_wanted(self) -> bool:
        return self.state in self.WANTED


class HandIn(models.Model):
    """A file that a client sent for an item, and what staff said about it."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"

    item = models.ForeignKey(RequestItem, on_delete=models.CASCADE, related_name="hand_ins")
    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="hand_ins")
    sent_by = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    verdict_note = models.TextField(blank=True, help_text="the client reads it")
    decided_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(verdict="", decided_at__isnull=True)
                | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="hand_in_verdict_has_moment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file} for {self.item}"

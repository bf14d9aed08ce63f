"""What is said in a thread, and the files that come with it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.feedback.models.threads import Thread
from portal.people.models import Client, Staff
from portal.uploads.models import Upload


class EntryQuerySet(models.QuerySet["Entry"]):
    def shown_to_clients(self) -> "EntryQuerySet":
        """Without what staff say among themselves: the one way from a thread to what a client reads."""
        return self.filter(is_internal=False)

    def in_order(self) -> "EntryQuerySet":
        """With people and files, as they were said."""
        return (
            self.select_related("client", "staff")
            .prefetch_related("attachments__upload")
            .order_by("created_at", "pk")
        )


class Entry(models.Model):
    """One message in a thread, of a client or of staff; internal ones are notes that stay with staff."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="entries")
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True)
    is_internal = models.BooleanField(default=False)
    is_by_mail = models.BooleanField(default=False, help_text="who sent it is known by the address only")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_internal=False) | Q(client__isnull=True, is_by_mail=False),
                name="feedback_notes_are_of_staff",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def author_name(self) -> str:
        """Who wrote it, as both sides read it."""
        return str(self.client or self.staff or "Somebody who left")


class Attachment(models.Model):
    """A file of an entry."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="attachments")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.upload)

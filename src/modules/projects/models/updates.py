"""News for the client, and the talk under it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.projects.models.projects import Project
from portal.agency import current_agency
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet


class UpdateQuerySet(OwnedQuerySet):
    owner_path = "project"
    lead_paths = ("project__lead",)


class Update(models.Model):
    """News of a project, for the client."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="updates")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def author_name(self) -> str:
        """Who wrote it, for clients: the agency once the person is gone, never an address."""
        return (self.staff.name if self.staff else "") or current_agency().name


class UpdateCommentQuerySet(OwnedQuerySet):
    owner_path = "update__project"
    lead_paths = ("update__project__lead",)


class UpdateComment(models.Model):
    """An answer under an update, by a client or by staff."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="comments")
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = UpdateCommentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(client__isnull=True) | Q(staff__isnull=True), name="update_comment_one_author"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def author_name(self) -> str:
        """Who wrote it, for clients."""
        if self.client is not None:
            return self.client.shown_name
        return (self.staff.name if self.staff else "") or current_agency().name

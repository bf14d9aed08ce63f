"""What stays among staff. No page, mail or API answer of a portal may load these."""

from typing import ClassVar

from django.db import models

from kit import clock
from modules.projects.models.projects import Project
from portal.agency import current_agency
from portal.people.models import Staff


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
        ordering: ClassVar = [models.F("due_on").asc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_overdue(self) -> bool:
        """Whether its day is over, in the agency's zone, and it is not done."""
        return self.done_at is None and self.due_on is not None and self.due_on < current_agency().today()


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

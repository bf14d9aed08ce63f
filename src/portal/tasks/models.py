"""One table: what staff have to do."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kit import clock
from portal.people.models import Client, Company, Staff
from tenants.agencies.current import current_agency


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> "TaskQuerySet":
        """Those that are not done, soonest first."""
        return self.filter(done_at__isnull=True).order_by(F("due_on").asc(nulls_last=True), "pk")

    def served_by(self, staff: Staff) -> "TaskQuerySet":
        """Those that this member of staff may see: one's own, those about nobody, and about whom one serves."""
        if not staff.is_limited:
            return self
        companies = Company.objects.order_by().served_by(staff).values("pk")
        clients = Client.objects.served_by(staff).values("pk")
        about_nobody = Q(company__isnull=True, client__isnull=True)
        return self.filter(
            about_nobody | Q(assignee=staff) | Q(company__in=companies) | Q(client__in=clients)
        )


class Task(models.Model):
    """Work of the agency's staff. Never reaches a client."""

    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    assignee = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    path = models.CharField(max_length=300, blank=True, help_text="the console's page where it is done")
    source = models.CharField(max_length=100, blank=True, help_text="who asks, e.g. feedback.thread:7")
    due_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    done_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # What makes asking twice one task, even when two workers ask at once.
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(done_at__isnull=True) & ~Q(source=""),
                name="one_open_task_per_source",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def owner(self) -> Client | Company | None:
        """Whom it is about, if anybody."""
        return self.client or self.company

    @property
    def is_overdue(self) -> bool:
        """Whether its day is over, in the agency's zone, and it is not done."""
        return self.done_at is None and self.due_on is not None and self.due_on < current_agency().today()

    @property
    def url(self) -> str:
        """The address on the console's host of the page where it is done, "" if there is none."""
        return f"/{current_agency().slug}{self.path}" if self.path else ""

"""Workflows, their versions, their runs, and what each step did."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kit import clock
from portal.people.models import Client, Staff


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    def kept(self) -> "WorkflowQuerySet":
        """Those that were not deleted."""
        return self.filter(removed_at__isnull=True)

    def listening(self, fact: str) -> "WorkflowQuerySet":
        """Switched on, and hung on this fact."""
        return self.kept().filter(is_on=True, version__isnull=False, fact=fact)


class Workflow(models.Model):
    """What happens by itself. `draft` is what staff edit; `version` is what counts."""

    name = models.CharField(max_length=120)
    fact = models.CharField(max_length=80, blank=True, help_text="of the version that counts")
    is_on = models.BooleanField(default=False)
    draft = models.JSONField(default=dict)
    version = models.ForeignKey(
        "WorkflowVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["fact"], name="workflow_listening", condition=Q(is_on=True))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_changed(self) -> bool:
        """Whether the draft says something else than what counts."""
        return self.version is None or self.version.content != self.draft


class WorkflowVersion(models.Model):
    """What a workflow said at one time. Never changed: runs that began with it end with it."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workflow", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.workflow}, version {self.number}"


class RunState(models.TextChoices):
    """running → waiting → … → done; failed waits for a person; stopped is for good."""

    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    FAILED = "failed", "Needs you"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"


UNDER_WAY = (RunState.RUNNING, RunState.WAITING)
OPEN = (*UNDER_WAY, RunState.FAILED)


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> "RunQuerySet":
        """Those that are not over."""
        return self.filter(state__in=OPEN)


class Run(models.Model):
    """One workflow for one client because of one event."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(WorkflowVersion, on_delete=models.PROTECT, related_name="runs")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="runs")
    key = models.CharField(max_length=200, help_text="what happens once: see starting.key_of")
    fact = models.CharField(max_length=80)
    ids = models.JSONField(default=dict, help_text="what the fact happened to")
    about = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=200, blank=True, help_text="what it happened to, in words")
    chain = ArrayField(models.BigIntegerField(), default=list, help_text="workflows that brought it about")
    is_test = models.BooleanField(default=False, help_text="really done for the example client")
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.RUNNING)
    step = models.CharField(max_length=12, blank=True, help_text="id of the step that is next")
    due_at = models.DateTimeField(null=True, blank=True, help_text="when the next step is looked at")
    waits_for = models.CharField(max_length=80, blank=True, help_text="a fact that ends the waiting")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="of the step that is next")
    words = models.CharField(max_length=300, blank=True, help_text="why it failed or stopped")
    started_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # What makes starting twice one run, even when two workers start at once.
            models.UniqueConstraint(fields=["workflow", "key"], name="one_run_per_key"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "stopped"], ended_at__isnull=False)
                | (~Q(state__in=["done", "stopped"]) & Q(ended_at__isnull=True)),
                name="a_run_that_is_over_has_an_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workflow", "-id"], name="run_of_workflow"),
            models.Index(fields=["client", "-id"], name="run_of_client"),
            models.Index(fields=["due_at"], name="run_due", condition=Q(state__in=["running", "waiting"])),
            models.Index(fields=["waits_for"], name="run_waits_for", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} for {self.client}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def content(self) -> dict[str, Any]:
        """What it follows, frozen when it began."""
        found: dict[str, Any] = self.version.content
        return found


class StepState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"


class StepLog(models.Model):
    """What one step of a run did, in words."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=12)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=StepState.choices)
    words = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=1)
    by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "step"], name="one_line_per_step")]

    def __str__(self) -> str:
        return f"{self.title}: {self.get_state_display()}"


class WorkflowSettings(models.Model):
    """The one row of settings."""

    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    in_client_zone = models.BooleanField(default=True, help_text="else in the agency's")
    secret_turn = models.PositiveIntegerField(default=0, help_text="counts changes of the webhooks' secret")
    secret_changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "workflow settings"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_flow_settings")]

    def __str__(self) -> str:
        return "workflow settings"

    @classmethod
    def load(cls) -> "WorkflowSettings":
        """The row, or the defaults as long as nobody changed them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "On its way"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Given up"


class Delivery(models.Model):
    """One message to another system: tried until it is taken, or for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="deliveries")
    run = models.ForeignKey(Run, null=True, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=60, unique=True, help_text="of the step that sends it")
    url = models.CharField(max_length=500)
    body = models.JSONField()
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    code = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the last answer")
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="delivery_due", condition=Q(state="queued")),
            models.Index(fields=["workflow", "-created_at"], name="delivery_of_workflow"),
        ]

    def __str__(self) -> str:
        return f"to {self.url}: {self.get_state_display()}"

"""An import and its rows: what was in the file, what became of it, what it changed."""

from typing import ClassVar

from django.db import models

from kit import clock
from portal.people.models import Client, Staff


class Import(models.Model):
    """One file. Nothing is made before staff say so."""

    class State(models.TextChoices):
        MAPPING = "mapping", "Columns to be checked"
        CHECKED = "checked", "Checked"
        RUNNING = "running", "Being brought in"
        DONE = "done", "Done"
        UNDOING = "undoing", "Being taken back"
        UNDONE = "undone", "Taken back"

    name = models.CharField(max_length=200, help_text="the file's")
    encoding = models.CharField(max_length=20)
    separator = models.CharField(max_length=1)
    head = models.JSONField(default=list, help_text="the columns' names, as they stand in the file")
    mapping = models.JSONField(default=dict, help_text="column number → what it holds")
    updates_known = models.BooleanField(default=False, help_text="fill in what known clients lack")
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAPPING)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row: its cells, what is wrong with them, and what was made or changed for it."""

    class State(models.TextChoices):
        NEW = "new", "Waits"
        BAD = "bad", "Broken"
        KNOWN = "known", "Known already"
        MADE = "made", "Added"
        CHANGED = "changed", "Filled in"
        TAKEN_BACK = "back", "Taken back"
        KEPT = "kept", "Kept: touched since"

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="the row in the file; the head is 1")
    cells = models.JSONField(default=list)
    problems = models.JSONField(default=dict, help_text="column number → words; '' for the row")
    state = models.CharField(max_length=7, choices=State.choices, default=State.NEW)
    # No cascade: that a row was brought in stays known when its client is gone.
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    undo = models.JSONField(default=dict, help_text="what was made and changed, for taking it back")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "number"], name="import_row_once")]
        indexes: ClassVar = [models.Index(fields=["of", "state", "number"], name="import_row_state")]

    def __str__(self) -> str:
        return f"row {self.number} of {self.of}"

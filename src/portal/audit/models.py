"""The record. A trigger refuses to change or delete a row; the hashes show if somebody did anyway."""

from django.db import models

from kit import clock


class AuditEntry(models.Model):
    """Who did what, when, through which door, with which change."""

    class Actor(models.TextChoices):
        STAFF = "staff"
        CLIENT = "client"
        API = "api"
        OPERATOR = "operator"
        SYSTEM = "system"

    at = models.DateTimeField(default=clock.now, editable=False)
    actor = models.CharField(max_length=8, choices=Actor.choices)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    verb = models.CharField(max_length=60, help_text="e.g. deliverables.approved")
    subject = models.CharField(max_length=60, help_text="model and id, e.g. deliverable:7")
    summary = models.CharField(max_length=300, blank=True)
    change = models.JSONField(default=dict, help_text="field → [before, after]")
    address = models.GenericIPAddressField(null=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    # An erased person's words were taken out; what stands here now is vouched for by a later entry.
    is_redacted = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            # The timeline of a client: what it did, and what happened to its records.
            models.Index(fields=["subject", "id"], name="audit_of_subject"),
            models.Index(fields=["actor", "actor_id", "id"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject}"

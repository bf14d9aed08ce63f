"""Schemas that wait for an agency."""

from django.db import models

from kit import clock


class Spare(models.Model):
    """A migrated, empty schema. `migrated_to` is the fingerprint of its migrations, compared at the claim."""

    schema_name = models.CharField(max_length=63, unique=True)
    migrated_to = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.schema_name

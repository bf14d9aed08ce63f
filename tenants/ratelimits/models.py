"""One row per limited key. The table is UNLOGGED: a crash forgets limits, nothing else."""

from django.db import models


class Bucket(models.Model):
    """When the key's allowance would be whole again (the "theoretical arrival time" of GCRA)."""

    key = models.CharField(max_length=64, primary_key=True)
    full_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key

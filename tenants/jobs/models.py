"""When each scheduled job is due next."""

from django.db import models


class DueSlot(models.Model):
    """One scheduled job; advanced in the transaction that enqueues it, so several schedulers may run."""

    job = models.CharField(max_length=100, unique=True)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.job} at {self.due_at:%Y-%m-%d %H:%M:%S}"

"""What our own people did."""

from django.db import models

from kit import clock
from tenants.agencies.models import Agency


class Entry(models.Model):
    """One act of an operator. The database refuses to change or delete it."""

    # Soft: a login may go, its acts stay.
    operator_id = models.BigIntegerField(null=True)
    operator = models.EmailField(max_length=254)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="operator_entries")
    verb = models.CharField(max_length=40)
    before = models.CharField(max_length=80, blank=True)
    after = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.operator}: {self.verb} {self.after}"


class Alert(models.Model):
    """That the operators were told of something on one day (UTC)."""

    key = models.CharField(max_length=64, help_text="hash of the words without their figures")
    day = models.DateField()
    words = models.CharField(max_length=500)
    told_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="one_alert_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.words}"

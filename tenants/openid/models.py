"""One table: one row for each way to Google and back."""

from django.db import models

from kit import clock
from tenants.agencies.models import Agency


class Attempt(models.Model):
    """A browser of one portal on its way to Google and back. Secrets as hashes only; each leg is taken once."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    host = models.CharField(max_length=253, help_text="the portal's host where it began and ends")
    state_hash = models.CharField(max_length=64, unique=True)
    secret_hash = models.CharField(max_length=64, help_text="of the cookie on the portal's host")
    words = models.JSONField(default=dict, help_text="the portal's own: where to, for whom; never a secret")
    created_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)
    expires_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, help_text="Google sent the browser back")
    code_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 (none yet, not empty)
    code_expires_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    issuer = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_is_verified = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.host}, {self.created_at:%Y-%m-%d %H:%M}"

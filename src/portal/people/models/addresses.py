"""Changes of e-mail addresses."""

from django.db import models

from kit import clock
from portal.people.models.clients import Client


class EmailChange(models.Model):
    """A new address that has to be confirmed on the new and on the old one."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    old_token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    new_token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    old_confirmed_at = models.DateTimeField(null=True, blank=True)
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.old_email} → {self.new_email}"

"""Google accounts by which clients sign in."""

from typing import ClassVar

from django.db import models

from kit import clock
from portal.people.models.clients import Client


class GoogleAccount(models.Model):
    """That a client signs in by this account. Issuer and subject are its identity, never the address."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="google_accounts")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True, help_text="shown to the client; proves nothing")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="google_account_of_one_client"),
            models.UniqueConstraint(fields=["issuer", "client"], name="client_has_one_google_account"),
        ]

    def __str__(self) -> str:
        return f"{self.email or self.subject} of {self.client}"

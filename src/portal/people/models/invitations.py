"""Invitations to the portal."""

from django.db import models

from kit import clock
from portal.people.models.clients import Client
from portal.people.models.staff import Staff


class Invitation(models.Model):
    """That a client was invited. Its state is read from its moments, see `state`."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="invitations")
    sent_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True, db_index=True, help_text="set when it is mailed")
    next_path = models.CharField(max_length=500, default="/", help_text="where signing in leads")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invitation of {self.client}"

    @property
    def state(self) -> str:
        """queued → sent → opened → accepted; or bounced, revoked, expired."""
        for name in ("accepted", "revoked", "bounced"):
            if getattr(self, f"{name}_at"):
                return name
        if self.expires_at <= clock.now():
            return "expired"
        return "opened" if self.opened_at else "sent" if self.sent_at else "queued"

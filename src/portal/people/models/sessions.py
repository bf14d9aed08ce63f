"""Clients that are signed in, and their way to another host of the portal."""

from datetime import timedelta

from django.db import models

from kit import clock
from portal.people.models.clients import Client

SESSION_IDLE = timedelta(days=14)


class ClientSessionQuerySet(models.QuerySet["ClientSession"]):
    def live(self) -> "ClientSessionQuerySet":
        """Sessions that neither ended, nor grew too old, nor lay idle too long."""
        now = clock.now()
        return self.filter(ended_at__isnull=True, expires_at__gt=now, last_seen_at__gt=now - SESSION_IDLE)


class ClientSession(models.Model):
    """A client signed in on one device. Read from the database at every request."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="sessions")
    token_hash = models.CharField(max_length=64, unique=True)
    # Whoever takes over a name that was ours gets the cookies of that host: they must open no other.
    host = models.CharField(
        max_length=253, blank=True, default="", db_default="", help_text="the portal's host; empty: any"
    )
    device = models.CharField(max_length=200, blank=True, help_text="browser and system, in words")
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    last_seen_at = models.DateTimeField(default=clock.now)
    fresh_at = models.DateTimeField(default=clock.now, help_text="when it last proved who it is")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ClientSessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.client} on {self.device}"


class FormerKey(models.Model):
    """What a session's cookie was before the portal moved: forms that are still open there can be sent."""

    session = models.ForeignKey(ClientSession, on_delete=models.CASCADE, related_name="former_keys")
    token_hash = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=253)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.session} at {self.host}"


class SessionMove(models.Model):
    """A session on its way from one host of the portal to another: once, within a minute, in one browser."""

    session = models.ForeignKey(ClientSession, on_delete=models.CASCADE, related_name="moves")
    code_hash = models.CharField(max_length=64, unique=True)
    secret_hash = models.CharField(max_length=64, help_text="of the cookie on the host it goes to")
    from_host = models.CharField(max_length=253)
    to_host = models.CharField(max_length=253)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.session} to {self.to_host}"

"""Staff looking at the portal as a client sees it."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from portal.people.models.clients import Client
from portal.people.models.staff import Staff

VIEWING_LASTS = timedelta(minutes=30)


class ViewAsQuerySet(models.QuerySet["ViewAs"]):
    def live(self) -> "ViewAsQuerySet":
        """Begun, and neither ended nor over."""
        return self.filter(begun_at__isnull=False, ended_at__isnull=True, expires_at__gt=clock.now())


class ViewAs(models.Model):
    """One look: who, at whose portal, why, from when to when. It is no session of the client and never one.

    asked (a reason was given) → offered (a code for one browser) → begun (that browser came with it) → over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="viewings")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="viewings")
    reason = models.CharField(max_length=200)
    host = models.CharField(max_length=253, help_text="the portal's host it was asked for")
    # Null rather than "": what is there must be unique.
    code_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001
    secret_hash = models.CharField(max_length=64, blank=True, help_text="of the cookie on the portal's host")
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001
    created_at = models.DateTimeField(default=clock.now, editable=False)
    code_expires_at = models.DateTimeField(help_text="until then it may begin")
    begun_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ViewAsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "viewings"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(begun_at__isnull=True, token_hash__isnull=True, expires_at__isnull=True)
                | Q(begun_at__isnull=False, token_hash__isnull=False, expires_at__isnull=False),
                name="a_viewing_that_began_ends",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="viewing_has_a_reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["client", "begun_at"], name="viewings_of_a_client")]

    def __str__(self) -> str:
        return f"{self.staff} as {self.client}"

    @property
    def over_at(self) -> datetime | None:
        """When it ended, or ends by itself: never later than that."""
        return min(filter(None, (self.ended_at, self.expires_at)), default=None)

    @property
    def is_running(self) -> bool:
        """Whether somebody may be looking now."""
        return self.begun_at is not None and self.over_at is not None and self.over_at > clock.now()

    @property
    def minutes_left(self) -> int:
        """Whole minutes until it ends by itself, at least one while it runs."""
        if self.expires_at is None:
            return 0
        return max(1, int((self.expires_at - clock.now()).total_seconds() // 60))

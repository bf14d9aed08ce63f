"""Sign-ups under way."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from kit import clock
from tenants.agencies.models import Agency
from tenants.plans import Plan

if TYPE_CHECKING:
    from datetime import datetime

CODE_TRIES = 5


class Step(models.TextChoices):
    """Where a sign-up stands; the value is the page's name."""

    CODE = "code", "E-mail"
    AGENCY = "agency", "Agency"
    PLAN = "plan", "Plan"
    READY = "ready", "Ready"


class SignUp(models.Model):
    """One person on the way to one agency. The browser knows it by a cookie, of which only the hash is here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    browser_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254, db_index=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)

    name = models.CharField(max_length=120, blank=True)
    agency_name = models.CharField(max_length=80, blank=True)
    slug = models.CharField(max_length=40, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    password = models.CharField(max_length=255, blank=True, help_text="hash; emptied when it is done")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    agency = models.OneToOneField(
        Agency, null=True, blank=True, on_delete=models.CASCADE, related_name="sign_up"
    )
    is_new_account = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "sign-up"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at=None) | models.Q(agency__isnull=False, account__isnull=False),
                name="a_finished_sign_up_has_its_agency",
            ),
            models.CheckConstraint(
                condition=models.Q(code_tries__lte=CODE_TRIES), name="sign_up_code_tries_are_few"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.step.label})"

    @property
    def step(self) -> Step:
        """The page on which it goes on."""
        if self.verified_at is None:
            return Step.CODE
        if self.finished_at:
            return Step.READY
        return Step.PLAN if self.slug else Step.AGENCY

    def has_live_code(self, now: "datetime") -> bool:
        """Whether a code was sent that may still be typed."""
        return bool(self.code_hash and self.code_expires_at and self.code_expires_at > now)


TRIAL_PLAN = Plan.GROWTH

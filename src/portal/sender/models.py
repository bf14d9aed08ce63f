"""How an agency signs its mails."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock


class SenderSettings(models.Model):
    """The one row of an agency's choices; without it the portal's title and support e-mail count."""

    name = models.CharField(max_length=80, blank=True, help_text="empty: the portal's title")
    reply_to = models.EmailField(max_length=254, blank=True, help_text="empty: the support e-mail")

    class Meta:
        verbose_name_plural = "sender settings"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_sender_settings")]

    def __str__(self) -> str:
        return self.name or "sender settings"


class SenderDomain(models.Model):
    """A domain of the agency's own to send from: pending → active ⇄ broken. Only while active it is used.

    Its key and selector belong to this agency alone: another agency that names the same domain is asked for
    another record, so the DNS says who may send from it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for its records"
        ACTIVE = "active", "Active"
        BROKEN = "broken", "Broken"

    domain = models.CharField(max_length=253, help_text="A-labels, lower case")
    local_part = models.CharField(max_length=64, help_text="before the @")
    selector = models.CharField(max_length=63)
    public_key = models.TextField(help_text="as in the DKIM record: base64 of the DER")
    sealed_key = models.BinaryField(help_text="private key, AES-GCM, bound to selector and domain")
    key_name = models.CharField(max_length=40, help_text="the key-encryption key that sealed it")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    findings = models.JSONField(default=dict, help_text="record → what was found at the last look")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    state_since = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_sender_domain")]

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"

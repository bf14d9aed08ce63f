"""Who of the staff sees whom, who is asked to join, and what the owner asks of everybody."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from kit import clock
from portal.people.models.clients import Client
from portal.people.models.companies import Company
from portal.people.models.staff import Staff


class StaffScope(models.Model):
    """That a member of staff who does not see everybody sees this company, or this client."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="scopes")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(company__isnull=True) ^ Q(client__isnull=True), name="staff_scope_is_of_one"
            ),
            models.UniqueConstraint(fields=["staff", "company"], name="staff_scope_company_once"),
            models.UniqueConstraint(fields=["staff", "client"], name="staff_scope_client_once"),
        ]

    def __str__(self) -> str:
        return f"{self.staff} sees {self.company or self.client}"


class StaffInvitationQuerySet(models.QuerySet["StaffInvitation"]):
    def open(self) -> "StaffInvitationQuerySet":
        """Those whose link would still let somebody in: each keeps a place of the plan."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now())


class StaffInvitation(models.Model):
    """That somebody was asked to join the agency. Its state is read from its moments, see `state`."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=8, choices=Staff.Role.choices, default=Staff.Role.MEMBER)
    sees_all = models.BooleanField(default=True)
    company_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    client_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    sent_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True, db_index=True, help_text="set when it is mailed")
    code_hash = models.CharField(max_length=64, blank=True, help_text="proves the mailbox to another login")
    code_account_id = models.BigIntegerField(null=True, blank=True, help_text="the login that asked for it")
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    objects = StaffInvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Two admins who ask the same person at once ask once.
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_unanswered_staff_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    @property
    def state(self) -> str:
        """queued → sent → accepted; or revoked, expired."""
        for name in ("accepted", "revoked"):
            if getattr(self, f"{name}_at"):
                return name
        if self.expires_at <= clock.now():
            return "expired"
        return "sent" if self.sent_at else "queued"

    @property
    def is_open(self) -> bool:
        """Whether its link would still let somebody in."""
        return self.state in ("queued", "sent")


class OwnershipTransferQuerySet(models.QuerySet["OwnershipTransfer"]):
    def open(self) -> "OwnershipTransferQuerySet":
        """Offered, and neither answered nor too old."""
        return self.filter(accepted_at__isnull=True, ended_at__isnull=True, expires_at__gt=clock.now())


class OwnershipTransfer(models.Model):
    """That an owner hands the agency to a colleague, who has to accept it."""

    giver = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    receiver = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="taken back or declined")

    objects = OwnershipTransferQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(giver=models.F("receiver")), name="ownership_goes_elsewhere"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(ended_at__isnull=True),
                name="ownership_is_answered_once",
            ),
            models.UniqueConstraint(
                fields=["giver"],
                condition=Q(accepted_at__isnull=True, ended_at__isnull=True),
                name="one_open_transfer_per_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} to {self.receiver}"


class TeamSettings(models.Model):
    """What owners decide about their staff. One row; none is the usual."""

    second_factor_from = models.DateField(
        null=True, blank=True, help_text="from this day on nobody works here without one; agency's zone"
    )
    members_may_view = models.BooleanField(default=True, help_text="see the portal as a client sees it")

    class Meta:
        verbose_name_plural = "team settings"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_team_settings")]

    def __str__(self) -> str:
        return "team settings"

    @classmethod
    def load(cls) -> "TeamSettings":
        """The agency's choices; the usual ones as long as it made none."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

"""Companies, and what their people may do with their records."""

from typing import TYPE_CHECKING

from django.db import models

from kit import clock

if TYPE_CHECKING:
    from portal.people.models.staff import Staff


class Right(models.TextChoices):
    """What a client may do with a company's records."""

    VIEW_MONEY = "view_money", "See money"
    PAY = "pay", "Pay"
    SIGN = "sign", "Sign"
    APPROVE = "approve", "Approve"
    INVITE = "invite", "Invite colleagues"
    MANAGE_TEAM = "manage_team", "Manage the team"


class Bundle(models.TextChoices):
    """Usual sets of rights."""

    OWNER = "owner", "Owner"
    FINANCE = "finance", "Finance"
    APPROVER = "approver", "Approver"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


BUNDLES: dict[Bundle, list[Right]] = {
    Bundle.OWNER: list(Right),
    Bundle.FINANCE: [Right.VIEW_MONEY, Right.PAY],
    Bundle.APPROVER: [Right.APPROVE],
    Bundle.MEMBER: [Right.APPROVE],
    Bundle.VIEWER: [],
}


class CompanyQuerySet(models.QuerySet["Company"]):
    def served_by(self, staff: "Staff") -> "CompanyQuerySet":
        """The companies that this member of staff may see: all, or the chosen ones."""
        if not staff.is_limited:
            return self
        return self.filter(pk__in=staff.scopes.filter(company__isnull=False).values("company_id"))


class Company(models.Model):
    """The organisation that clients belong to."""

    name = models.CharField(max_length=160)
    custom = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="field id → value",
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

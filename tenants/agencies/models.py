"""The agency and its life."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django_tenants.models import TenantMixin

from kit import clock
from tenants.plans import Plan

if TYPE_CHECKING:
    from tenants.agencies.current import CurrentAgency


class AgencyState(models.TextChoices):
    """A life: trial → active → past due → read-only → suspended → gone."""

    TRIAL = "trial", "Trial"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Past due"
    READ_ONLY = "read_only", "Read-only"
    SUSPENDED = "suspended", "Suspended"
    GONE = "gone", "Gone"


class AgencyQuerySet(models.QuerySet["Agency"]):
    def reachable(self) -> "AgencyQuerySet":
        """Agencies whose portal and console answer at all."""
        return self.exclude(state=AgencyState.GONE)


class Agency(TenantMixin):
    """Our customer. Its schema is claimed by provisioning, never made by save()."""

    auto_create_schema = False
    auto_drop_schema = False

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=40, unique=True)
    plan = models.PositiveSmallIntegerField(choices=Plan.choices, default=Plan.STARTER)
    state = models.CharField(max_length=12, choices=AgencyState.choices, default=AgencyState.TRIAL)
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA name; days count in this zone")
    language = models.CharField(max_length=12, default="en")
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    needs_migration_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="a release failed on this schema: the agency shows a notice meanwhile",
    )
    migration_error = models.TextField(blank=True, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [
            models.CheckConstraint(condition=models.Q(plan__in=Plan.values), name="agency_plan_is_known"),
            models.CheckConstraint(
                condition=models.Q(schema_name__startswith="a_"), name="agency_schema_has_prefix"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def current(self) -> "CurrentAgency":
        """The frozen form that travels with requests and jobs."""
        from tenants.agencies.current import CurrentAgency

        return CurrentAgency(
            id=self.pk,
            name=self.name,
            slug=self.slug,
            schema_name=self.schema_name,
            plan=Plan(self.plan),
            state=AgencyState(self.state),
            zone=self.zone,
            language=self.language,
            trial_ends_at=self.trial_ends_at,
            host=self.primary_host(),
            is_behind=self.needs_migration_since is not None,
        )

    def primary_host(self) -> str:
        """The host that links in mails use: the verified custom domain, else the default address."""
        custom = self.domains.filter(is_primary=True, verified_at__isnull=False).first()
        return custom.domain if custom else f"{self.slug}.{settings.PORTICO_HOST}"

"""The agency and its life."""

from typing import TYPE_CHECKING

from django.db import models
from django_tenants.models import TenantMixin

from kit import clock
from tenants.plans import Plan

if TYPE_CHECKING:
    from datetime import datetime

    from tenants.agencies.current import CurrentAgency
    from tenants.domains.models import Domain


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

    def trial_ending(self, by: "datetime") -> "AgencyQuerySet":
        """Agencies on a trial that is over at that moment."""
        return self.filter(state=AgencyState.TRIAL, trial_ends_at__lte=by)


class Agency(TenantMixin):  # type: ignore[misc]  # django-tenants has no types
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
        from tenants.agencies.current import CurrentAgency, default_host
        from tenants.domains.models import DomainState

        domain = self._primary_domain()
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
            host=str(domain.host) if domain else default_host(self.slug),
            # Where the DNS of a degraded domain leads we do not know: nobody is sent there, no session is.
            is_moved=domain is not None and domain.state == DomainState.ACTIVE,
            is_behind=self.needs_migration_since is not None,
        )

    def primary_host(self) -> str:
        """The host that links in mails use: the active custom domain, else the default address."""
        from tenants.agencies.current import default_host

        domain = self._primary_domain()
        return str(domain.host) if domain else default_host(self.slug)

    def _primary_domain(self) -> "Domain | None":
        # The chosen one while it is active; when it goes, another active one takes its place.
        found: Domain | None = self.domains.linked().order_by("-is_primary", "claimed_at").first()
        return found


class TrialNotice(models.Model):
    """That owners were told so many days before the end of their trial; a longer trial is told of anew."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="trial_notices")
    trial_ends_at = models.DateTimeField()
    days_before = models.PositiveSmallIntegerField(default=3)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "trial_ends_at", "days_before"], name="one_notice_per_trial_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: trial until {self.trial_ends_at:%Y-%m-%d}"

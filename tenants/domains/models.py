"""Names that agencies want their portal to answer on: claims, their life, their timeline."""

import secrets
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from kit import clock
from tenants.agencies.models import Agency

if TYPE_CHECKING:
    from collections.abc import Iterable


class DomainState(models.TextChoices):
    """The life of a claim; `tenants.domains.life` says which step may follow which."""

    PENDING_DNS = "pending_dns", "Waiting for DNS"
    VERIFIED = "verified", "DNS verified"
    ISSUING = "issuing", "Getting the certificate"
    ISSUE_RETRY = "issue_retry", "Certificate delayed"
    DEPLOYING = "deploying", "Installing the certificate"
    ACTIVE = "active", "Active"
    DEGRADED = "degraded", "DNS has changed"
    BLOCKED = "blocked", "Blocked"
    RELEASED = "released", "Released"
    EXPIRED = "expired", "Expired"
    REMOVED = "removed", "Removed"


# One claim may be in these: it owns the name (a partial unique index holds it).
OWNING = ("verified", "issuing", "issue_retry", "deploying", "active", "degraded")
# The portal answers on the name.
SERVING = ("deploying", "active", "degraded")
# Mails and redirects name it.
LINKED = ("active", "degraded")
OVER = ("released", "expired", "removed")


class TxtReason(models.TextChoices):
    """Why the CNAME alone does not prove whose a name is."""

    NONE = "", "not needed"
    ALREADY_POINTED = "already_pointed", "It pointed to us before it was claimed"
    ALSO_CLAIMED = "also_claimed", "Another agency claims it too"
    PAST_OWNER = "past_owner", "It was another agency's within 90 days"
    WILDCARD = "wildcard", "A wildcard answers for every name beside it"
    BY_ADDRESS = "by_address", "An address, unlike a CNAME, does not say which agency is meant"


def new_target_key() -> str:
    """The label of an agency's CNAME target: 60 bits, lower case, never used twice."""
    return "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(12))


def new_proof() -> str:
    """The value of a claim's TXT record (144 random bits)."""
    return "pv1-" + secrets.token_urlsafe(18)


class Target(models.Model):
    """The name that an agency's CNAMEs point to: its own, so that no other agency can use them."""

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="cname_target")
    key = models.CharField(max_length=20, unique=True, default=new_target_key, editable=False)

    def __str__(self) -> str:
        return str(self.key)


class DomainQuerySet(models.QuerySet["Domain"]):
    def owning(self) -> "DomainQuerySet":
        """Claims that own their name."""
        return self.filter(state__in=OWNING)

    def serving(self) -> "DomainQuerySet":
        """Names on which a portal answers."""
        return self.filter(state__in=SERVING)

    def linked(self) -> "DomainQuerySet":
        """Names that mails and redirects may use."""
        return self.filter(state__in=LINKED)

    def open(self) -> "DomainQuerySet":
        """Claims that are not over."""
        return self.exclude(state__in=OVER)

    def due(self) -> "DomainQuerySet":
        """Claims whose next step is to be tried now and which no worker holds."""
        now = clock.now()
        return self.open().filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), next_try_at__lte=now)


class Domain(models.Model):
    """One agency's claim to one name. `host` is in A-labels, lower case, without a trailing dot."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="domains")
    host = models.CharField(max_length=253, db_index=True)
    state = models.CharField(max_length=12, choices=DomainState.choices, default=DomainState.PENDING_DNS)
    is_primary = models.BooleanField(default=True, help_text="mails and redirects use it once it is active")
    proof = models.CharField(
        max_length=40, default=new_proof, editable=False, help_text="value of the TXT record"
    )
    txt_reason = models.CharField(
        max_length=16, choices=TxtReason.choices, default=TxtReason.NONE, blank=True
    )
    claimed_at = models.DateTimeField(default=clock.now, editable=False)
    claimed_by = models.EmailField(blank=True)
    state_since = models.DateTimeField(default=clock.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    # The last look at its DNS: tenants.domains.diagnosis.Report as JSON.
    report = models.JSONField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # What the certificate authority or an operator said, in the state that it concerns.
    problem = models.CharField(max_length=40, blank=True)
    problem_detail = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="a worker is at it until then at most"
    )
    bad_since = models.DateTimeField(null=True, blank=True, help_text="its DNS no longer leads to us since")
    grace_until = models.DateTimeField(
        null=True, blank=True, help_text="the plan no longer includes it; it is released then"
    )

    objects = DomainQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host"], condition=Q(state__in=OWNING), name="one_owner_per_name"
            ),
            models.UniqueConstraint(
                fields=["agency", "host"], condition=~Q(state__in=OVER), name="one_claim_per_agency_and_name"
            ),
            models.CheckConstraint(condition=Q(state__in=DomainState.values), name="domain_state_is_known"),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="domain_next_try")]

    def __str__(self) -> str:
        return str(self.host)

    @property
    def needs_txt(self) -> bool:
        """Whether the CNAME alone would not do."""
        return bool(self.txt_reason)

    @property
    def proof_host(self) -> str:
        """The name of the TXT record."""
        return f"_portal-verify.{self.host}"


class DomainEventQuerySet(models.QuerySet["DomainEvent"]):
    def of_kinds(self, kinds: "Iterable[str]") -> "DomainEventQuerySet":
        return self.filter(kind__in=list(kinds))


class DomainEvent(models.Model):
    """What happened to a claim, for staff and operators. The database refuses to change or delete a row."""

    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(default=clock.now, editable=False)
    kind = models.CharField(max_length=40)
    actor = models.CharField(max_length=254, blank=True, help_text="an e-mail address; empty: the platform")
    details: "models.JSONField[Any]" = models.JSONField(default=dict)

    objects = DomainEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.domain}: {self.kind}"


class PastOwner(models.Model):
    """That a name was an agency's until lately: another agency has to prove it by TXT."""

    host = models.CharField(max_length=253, db_index=True)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="past_names")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.host} was {self.agency}'s"

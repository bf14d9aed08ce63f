"""Clients, and for which companies they act."""

from typing import ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from kit import clock
from portal.people.models.companies import BUNDLES, Bundle, Company, Right
from portal.people.models.staff import Staff
from portal.uploads.models import Upload
from tenants.agencies.current import current_agency


class ClientQuerySet(models.QuerySet["Client"]):
    def with_access(self) -> "ClientQuerySet":
        """Clients who may sign in today, in the agency's zone."""
        today = current_agency().today()
        return self.filter(removed_at__isnull=True).filter(
            Q(access_until__isnull=True) | Q(access_until__gte=today)
        )

    def listed(self) -> "ClientQuerySet":
        """Those that lists show: neither archived nor erased."""
        return self.filter(archived_at__isnull=True, erased_at__isnull=True)

    def with_email(self, email: str) -> "ClientQuerySet":
        """The client with this address, whatever its case."""
        # As the unique index has it: `iexact` compares UPPER and would read every row.
        return self.alias(low=Lower("email")).filter(low=email.strip().lower())

    def served_by(self, staff: Staff) -> "ClientQuerySet":
        """Those whom this member of staff may see: everybody, or the chosen ones and the chosen companies' people."""
        if not staff.is_limited:
            return self
        chosen = staff.scopes.filter(client__isnull=False).values("client_id")
        companies = staff.scopes.filter(company__isnull=False).values("company_id")
        people = CompanyMembership.objects.filter(company__in=companies).values("client_id")
        return self.filter(Q(pk__in=chosen) | Q(pk__in=people))


class Client(models.Model):
    """A person whom the agency serves. Removing access keeps everything else."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    display_name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    photo = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    language = models.CharField(max_length=12, blank=True, help_text="empty: the agency's")
    zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty: the agency's")
    password = models.CharField(max_length=255, blank=True, help_text="hash; empty: none wanted")
    companies = models.ManyToManyField(Company, through="CompanyMembership", related_name="clients")
    access_until = models.DateField(null=True, blank=True, help_text="last day of access, agency's zone")
    removed_at = models.DateTimeField(null=True, blank=True)
    lead = models.ForeignKey(
        Staff,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="who looks after them",
    )
    wants_marketing = models.BooleanField(default=True, db_default=True, help_text="off: only what is needed")
    custom = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="field id → value",
    )
    archived_at = models.DateTimeField(null=True, blank=True, help_text="out of the lists")
    erased_at = models.DateTimeField(null=True, blank=True, help_text="a pseudonym stands here")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    is_example = models.BooleanField(default=False, help_text="the founder's own test client")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="client_email_is_unique")]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name or self.email

    @property
    def first_name(self) -> str:
        """How the portal greets: the display name, else the first word of the name."""
        return self.display_name or self.name.split()[0] if self.name else self.shown_name

    @property
    def has_access(self) -> bool:
        """Whether this client may be signed in right now."""
        if self.removed_at is not None:
            return False
        return self.access_until is None or self.access_until >= current_agency().today()

    def set_password(self, password: str) -> None:
        self.password = make_password(password) if password else ""

    def check_password(self, password: str) -> bool:
        return bool(self.password) and check_password(password, self.password)

    def may(self, right: Right, company: Company | None) -> bool:
        """Whether this client has a right on records of `company` (None: on its own records, always)."""
        if company is None:
            return True
        return self.memberships.filter(company=company, rights__contains=[right]).exists()


class CompanyMembership(models.Model):
    """That a client acts for a company, and what it may do there."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    bundle = models.CharField(max_length=10, choices=Bundle.choices, default=Bundle.MEMBER)
    rights = ArrayField(models.CharField(max_length=16, choices=Right.choices), default=list, blank=True)
    sees_from = models.DateTimeField(
        null=True, blank=True, help_text="sees only records from this moment on; empty: the whole history"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "company"], name="one_membership_per_company")
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.company}"

    def save(self, **options: object) -> None:
        if not self.rights and self._state.adding:
            self.rights = list(BUNDLES[Bundle(self.bundle)])
        super().save(**options)  # type: ignore[arg-type]

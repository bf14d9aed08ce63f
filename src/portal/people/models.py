"""Who is who inside one agency."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from kit import clock
from portal.uploads.models import Upload
from tenants.agencies.current import current_agency

CODE_TRIES = 5
SESSION_IDLE = timedelta(days=14)


class Staff(models.Model):
    """A person of the agency. `account_id` points softly at the login in the public schema."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"

    account_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def may_manage(self) -> bool:
        """Owners and admins change settings, branding, keys and access; members do the daily work."""
        return self.role in (self.Role.OWNER, self.Role.ADMIN)

    def follow_login(self, email: str) -> None:
        """Take over the address of the login, which changes in the public schema, where nobody knows this row."""
        if self.email != email:
            self.email = email
            self.save(update_fields=["email"])


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


class Company(models.Model):
    """The organisation that clients belong to."""

    name = models.CharField(max_length=160)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "companies"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ClientQuerySet(models.QuerySet["Client"]):
    def with_access(self) -> "ClientQuerySet":
        """Clients who may sign in today, in the agency's zone."""
        today = current_agency().today()
        return self.filter(removed_at__isnull=True).filter(
            Q(access_until__isnull=True) | Q(access_until__gte=today)
        )

    def with_email(self, email: str) -> "ClientQuerySet":
        """The client with this address, whatever its case."""
        return self.filter(email__iexact=email.strip())


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


class Invitation(models.Model):
    """That a client was invited. Its state is read from its moments, see `state`."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="invitations")
    sent_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True, db_index=True, help_text="set when it is mailed")
    next_path = models.CharField(max_length=500, default="/", help_text="where signing in leads")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invitation of {self.client}"

    @property
    def state(self) -> str:
        """queued → sent → opened → accepted; or bounced, revoked, expired."""
        for name in ("accepted", "revoked", "bounced"):
            if getattr(self, f"{name}_at"):
                return name
        if self.expires_at <= clock.now():
            return "expired"
        return "opened" if self.opened_at else "sent" if self.sent_at else "queued"


class SignInLinkQuerySet(models.QuerySet["SignInLink"]):
    def unspent(self) -> "SignInLinkQuerySet":
        """Links that may still be redeemed, whatever became of their codes."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now())

    def live(self) -> "SignInLinkQuerySet":
        """Unspent links that were mailed and whose code was not tried too often."""
        return self.unspent().exclude(token_hash="").filter(code_tries__lt=CODE_TRIES)


class SignInLink(models.Model):
    """A magic link with its 6-digit code, of one client, asked for in one browser; hashes only."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    code_hash = models.CharField(max_length=64, blank=True)
    browser_hash = models.CharField(max_length=64, db_index=True, help_text="of the cookie of who asked")
    next_path = models.CharField(max_length=500, default="/")
    code_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SignInLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"sign-in link of {self.client}"


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


class ClientPasskey(models.Model):
    """A passkey (WebAuthn credential) of a client, bound to one portal host."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=80)
    credential_id = models.BinaryField(unique=True, max_length=1024)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    host = models.CharField(max_length=253, help_text="the relying party's id")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class EmailChange(models.Model):
    """A new address that has to be confirmed on the new and on the old one."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    old_token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    new_token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    old_confirmed_at = models.DateTimeField(null=True, blank=True)
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.old_email} → {self.new_email}"

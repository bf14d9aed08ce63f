"""Logins of staff and operators, and their memberships."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from kit import clock
from tenants.agencies.models import Agency


class Role(models.TextChoices):
    """What a login may do in one agency's console."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        """Make a login. Without a password it signs in by a mailed code."""
        account = self.model(email=email.strip().lower(), **fields)
        account.set_password(password)
        account.save()
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        return self.create_user(email, password, is_operator=True, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """A person who signs in on the platform: staff of agencies, or one of our operators."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False, help_text="one of us: may open the operators' pages")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_is_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's word for "may open the admin"; here only operators may."""
        return self.is_operator


class Membership(models.Model):
    """That a login opens an agency's console, and with which role."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "agency"], name="one_membership_per_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.get_role_display()} of {self.agency}"

    @property
    def console_path(self) -> str:
        """Where the agency's console begins, on the console's host."""
        return f"/{self.agency.slug}/"


class HandOver(models.Model):
    """A sign-in carried from the platform's host to the console's: once, within a minute, in one browser."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="hand_overs")
    code_hash = models.CharField(max_length=64, unique=True)
    state_hash = models.CharField(max_length=64, help_text="of the cookie on the console's host")
    path = models.CharField(max_length=200, default="/")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.account} at {self.created_at:%Y-%m-%d %H:%M}"


class CacheEntry(models.Model):
    """Rows of Django's database cache: the counters of allauth's limits hold over all processes by it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key

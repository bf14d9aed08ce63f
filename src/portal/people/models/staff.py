"""The people of the agency."""

from django.db import models

from kit import clock


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
    sees_all = models.BooleanField(
        default=True,
        db_default=True,
        help_text="no: a member sees only what `scopes` names, and projects it leads",
    )
    left_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def may_manage(self) -> bool:
        """Owners and admins change settings, branding, keys and access; members do the daily work."""
        return self.role in (self.Role.OWNER, self.Role.ADMIN)

    @property
    def is_limited(self) -> bool:
        """Whether this person sees chosen clients only; owners and admins always see everybody."""
        return not self.may_manage and not self.sees_all

    def follow_login(self, email: str) -> None:
        """Take over the address of the login, which changes in the public schema, where nobody knows this row."""
        if self.email != email:
            self.email = email
            self.save(update_fields=["email"])

"""Ways in: magic links with codes, passkeys."""

from django.db import models

from kit import clock
from portal.people.models.clients import Client

CODE_TRIES = 5


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

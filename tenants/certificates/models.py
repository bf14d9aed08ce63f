"""What a certificate authority gave us and what we owe it. Private keys are stored sealed only."""

from django.db import models
from django.db.models import Q

from kit import clock


class AcmeAccount(models.Model):
    """Our account at one certificate authority; one serves all agencies (RFC 8555 §7.3)."""

    directory = models.URLField(unique=True)
    url = models.URLField(max_length=500, blank=True)
    sealed_key = models.BinaryField()
    key_name = models.CharField(max_length=40, help_text="the key-encryption key that sealed it")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    # How it goes with this CA. A name that it refuses is no failure of the CA.
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=60, blank=True)
    problem_detail = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.directory)


class Challenge(models.Model):
    """What /.well-known/acme-challenge/<token> answers while an order is open (RFC 8555 §8.3)."""

    token = models.CharField(max_length=128, primary_key=True)
    host = models.CharField(max_length=253)
    key_authorization = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="the CA was told to look; never told twice"
    )

    def __str__(self) -> str:
        return str(self.host)


class OrderState(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Order(models.Model):
    """One order for one name. Its row is written before the CA hears of it, so a killed worker's is resumed."""

    host = models.CharField(max_length=253, db_index=True)
    directory = models.URLField(help_text="of the certificate authority")
    url = models.URLField(max_length=500, blank=True, help_text="empty until the CA has answered")
    state = models.CharField(max_length=8, choices=OrderState.choices, default=OrderState.OPEN)
    sealed_key = models.BinaryField(help_text="private key of the certificate to come; empty once it is over")
    key_name = models.CharField(max_length=40)
    replaces = models.CharField(max_length=120, blank=True, help_text="ARI certificate id (RFC 9773 §5)")
    profile = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=60, blank=True, help_text="ACME error type without its prefix")
    problem_detail = models.TextField(blank=True)
    placed_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host"], condition=Q(state="open"), name="one_open_order_per_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host}: {self.state}"


class Bundle(models.Model):
    """The certificate, chain and key that the edge serves for one host.

    `version` grows with every change of any bundle (a sequence); the database notifies the channel
    `tls_bundle` with the host at every insert, update and delete, so edges hear of it after the commit.
    """

    host = models.CharField(max_length=253, primary_key=True)
    version = models.BigIntegerField(default=0, editable=False, db_index=True)
    sealed = models.BinaryField(help_text="chain and private key as PEM, AES-GCM, bound to the host")
    key_name = models.CharField(max_length=40)
    directory = models.CharField(
        max_length=200, blank=True, help_text="the CA it is from; empty: brought by hand"
    )
    serial = models.CharField(max_length=64, help_text="hexadecimal, lower case")
    certificate_id = models.CharField(
        max_length=120, blank=True, help_text="ARI certificate id (RFC 9773 §4.1)"
    )
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(db_index=True)
    renew_at = models.DateTimeField(db_index=True)
    ari_checked_at = models.DateTimeField(null=True, blank=True)
    ari_next_at = models.DateTimeField(
        null=True, blank=True, help_text="ask the CA for its window again then"
    )
    stored_at = models.DateTimeField(default=clock.now)
    # Why it could not be renewed so far, and when it is tried again; a new certificate forgets it.
    renewal_failures = models.PositiveIntegerField(default=0)
    renewal_next_at = models.DateTimeField(null=True, blank=True)
    renewal_problem = models.CharField(max_length=60, blank=True)
    renewal_detail = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.host)


class Budget(models.Model):
    """When an allowance at a CA would be whole again (GCRA); `certificates_take` in the database spends it."""

    key = models.CharField(max_length=500, primary_key=True)
    full_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.key)

"""What an agency sells."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kit import clock
from portal.people.models import Client


class Kind(models.TextChoices):
    """How an offer is paid."""

    RECURRING = "recurring", "Recurring"
    INSTALMENTS = "instalments", "In instalments"
    ONE_TIME = "one_time", "Once"
    FREE = "free", "Free"


class Interval(models.TextChoices):
    """What a price is for."""

    WEEK = "week", "week"
    MONTH = "month", "month"
    YEAR = "year", "year"


def price_words(price: str, kind: str, interval: str, every: int, instalments: int) -> str:
    """A price as it is said: "€29.00 a month", "3 × €99.00, one a month", "Free"."""
    span = f"every {every} {interval}s" if every > 1 else f"a {interval}"
    if kind == Kind.FREE:
        return "Free"
    if kind == Kind.RECURRING:
        return f"{price} {span}"
    if kind == Kind.INSTALMENTS:
        return f"{instalments} × {price}, " + (f"one {span}" if every == 1 else span)
    return f"{price} once"


class OfferQuerySet(models.QuerySet["Offer"]):
    def open(self) -> "OfferQuerySet":
        """Those that can be bought."""
        return self.filter(is_open=True, archived_at__isnull=True)

    def open_to(self, client: Client) -> "OfferQuerySet":
        """Those that this client can buy: on sale, and not for others alone."""
        invited = Q(pk__in=self._sent_to(client))
        return self.open().filter(Q(is_invited_only=False) | invited)

    def found_by(self, client: Client) -> "OfferQuerySet":
        """Those that a client finds by itself in the portal: shown to all, or sent to it."""
        return self.open_to(client).filter(Q(is_listed=True) | Q(pk__in=self._sent_to(client)))

    def _sent_to(self, client: Client) -> models.QuerySet[Any]:
        # The invitations' model stands beside, and knows this one.
        return Offer.objects.filter(invitations__client=client).values("pk")


class Offer(models.Model):
    """Something for a price, and what it opens. What was bought keeps its own copy of price and keys."""

    name = models.CharField(max_length=120)
    summary = models.TextField(blank=True, help_text="what the client reads before buying")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.RECURRING)
    minor = models.BigIntegerField("price", default=0, help_text="in minor units; per interval or instalment")
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217, upper case; empty when free")
    interval = models.CharField(max_length=5, choices=Interval.choices, default=Interval.MONTH)
    every = models.PositiveSmallIntegerField(default=1, help_text="every so many intervals")
    trial_days = models.PositiveSmallIntegerField(default=0)
    instalments = models.PositiveSmallIntegerField(default=0, help_text="how many; 0 unless in instalments")
    group = models.CharField(max_length=60, blank=True, help_text="clients may change between its offers")
    grants = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    tax_name = models.CharField(max_length=40, blank=True, help_text="e.g. VAT")
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    tax_included = models.BooleanField(default=True, help_text="whether `minor` holds the tax")
    may_cancel = models.BooleanField(default=True)
    may_pause = models.BooleanField(default=False)
    longest_pause_days = models.PositiveSmallIntegerField(default=30)
    slug = models.SlugField(max_length=60, unique=True)
    is_open = models.BooleanField(default=True, help_text="whether its link sells it")
    is_listed = models.BooleanField(default=False, help_text="whether clients find it in the portal")
    is_invited_only = models.BooleanField(default=False, help_text="only those to whom it was sent can buy")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="free", minor=0) | (~Q(kind="free") & Q(minor__gt=0) & ~Q(currency="")),
                name="offer_has_a_price_unless_free",
            ),
            models.CheckConstraint(
                condition=Q(kind="instalments", instalments__gte=2, instalments__lte=60)
                | (~Q(kind="instalments") & Q(instalments=0)),
                name="offer_instalments_2_to_60",
            ),
            models.CheckConstraint(condition=Q(every__gte=1), name="offer_every_is_positive"),
            models.CheckConstraint(
                condition=Q(tax_percent__gte=0, tax_percent__lte=100), name="offer_tax_0_to_100"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def gross_minor(self) -> int:
        """What is charged each time, tax included, in minor units; a half is rounded up."""
        if self.tax_included or not self.tax_percent:
            return self.minor
        tax = Decimal(self.minor) * self.tax_percent / 100
        return self.minor + int(tax.to_integral_value(ROUND_HALF_UP))

    @property
    def is_billed_by_stripe(self) -> bool:
        """Whether Stripe collects again and again; single payments are the portal's own checkout."""
        return self.kind in (Kind.RECURRING, Kind.INSTALMENTS)


class CatalogPrice(models.Model):
    """A price of an offer as it stands on the agency's Stripe account. Stripe's prices never change."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="catalog")
    account = models.CharField(max_length=64)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    interval = models.CharField(max_length=5, choices=Interval.choices)
    every = models.PositiveSmallIntegerField()
    product_id = models.CharField(max_length=64)
    price_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["offer", "account", "minor", "currency", "interval", "every"],
                name="one_catalog_price_of_each",
            ),
            models.UniqueConstraint(fields=["account", "price_id"], name="catalog_price_is_unique"),
        ]

    def __str__(self) -> str:
        return self.price_id

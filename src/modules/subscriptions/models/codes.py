"""What makes an offer cheaper, and who is invited to one."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from modules.subscriptions.models.offers import Offer
from portal.people.models import Client, Staff


class CouponQuerySet(models.QuerySet["Coupon"]):
    def usable(self, today: date) -> "CouponQuerySet":
        """Those whose time is not over; how often they were used is counted when one is taken."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=today), archived_at__isnull=True)


class Coupon(models.Model):
    """A word that makes an offer cheaper. What it takes off never changes: Stripe's coupons do not either."""

    class Lasts(models.TextChoices):
        ONCE = "once", "The first payment"
        FOREVER = "forever", "Every payment"

    code = models.CharField(max_length=30, unique=True, help_text="upper case")
    offer = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.CASCADE, related_name="coupons", help_text="null: all"
    )
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    minor = models.BigIntegerField(null=True, blank=True, help_text="in minor units of `currency`")
    currency = models.CharField(max_length=3, blank=True)
    lasts = models.CharField(max_length=7, choices=Lasts.choices, default=Lasts.ONCE)
    most_uses = models.PositiveIntegerField(null=True, blank=True, help_text="null: any number")
    until = models.DateField(null=True, blank=True, help_text="last day, in the agency's zone")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CouponQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100, minor__isnull=True, currency="")
                | (Q(percent__isnull=True, minor__gt=0) & ~Q(currency="")),
                name="coupon_is_a_percentage_or_an_amount",
            )
        ]

    def __str__(self) -> str:
        return self.code


class CatalogCoupon(models.Model):
    """A coupon as it stands on the agency's Stripe account."""

    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="catalog")
    account = models.CharField(max_length=64)
    stripe_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["coupon", "account"], name="one_catalog_coupon_per_account")
        ]

    def __str__(self) -> str:
        return self.stripe_id


class OfferInvitation(models.Model):
    """That an offer was sent to somebody. One that is by invitation only is open to these people alone."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="invitations")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(default=clock.now, help_text="the last time that it was mailed")

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "client"], name="one_invitation_to_an_offer")
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.offer}"

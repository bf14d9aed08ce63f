"""What the console shows of codes and of offers that were sent."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from kit import clock
from modules.subscriptions.models import Coupon, Kind, Offer, OfferInvitation, Subscription
from modules.subscriptions.queries.prices import coupon_words
from portal.agency import current_agency

KEPT_FOR = timedelta(hours=24)  # a checkout of Stripe's is open for a day, and keeps its use for so long


@dataclass(frozen=True)
class CouponRow:
    """A code with what it takes off, how often it was used, and whether it still works."""

    coupon: Coupon
    off: str
    used: int
    words: str
    tone: str

    @property
    def is_over(self) -> bool:
        return bool(self.tone != "positive")


@dataclass(frozen=True)
class SentRow:
    """Somebody to whom an offer was sent, and whether they took it."""

    invitation: OfferInvitation
    has_bought: bool


def being_used() -> Q:
    """Which purchases count as a use of their code: the paid ones, and those whose checkout is still open."""
    begun = Q(started_at__isnull=True, stripe_id__isnull=True, created_at__gt=clock.now() - KEPT_FOR)
    return Q(started_at__isnull=False) | begun


def coupon_rows() -> list[CouponRow]:
    """All codes, the newest first; those that do not work any more last."""
    used = dict(
        Subscription.objects.filter(being_used(), coupon__isnull=False)
        .values_list("coupon")
        .annotate(times=Count("pk"))
        .order_by()
    )
    rows = [_row(one, used.get(one.pk, 0)) for one in Coupon.objects.select_related("offer").order_by("-pk")]
    return sorted(rows, key=lambda row: row.is_over)


def sent_to(offer: Offer) -> list[SentRow]:
    """To whom it was sent, the latest first."""
    found = OfferInvitation.objects.filter(offer=offer).select_related("client", "staff")[:200]
    bought = set(Subscription.objects.bought().filter(offer=offer).values_list("buyer", flat=True))
    return [SentRow(one, one.client_id in bought) for one in found]


def _row(coupon: Coupon, used: int) -> CouponRow:
    off = coupon_words(coupon)
    is_paid_again = coupon.offer is None or coupon.offer.kind in (Kind.RECURRING, Kind.INSTALMENTS)
    if is_paid_again:
        off += f", {coupon.get_lasts_display().lower()}"
    words, tone = "Works", "positive"
    if coupon.archived_at is not None:
        words, tone = "Ended", ""
    elif coupon.until is not None and coupon.until < current_agency().today():
        words, tone = "Over", ""
    elif coupon.most_uses is not None and used >= coupon.most_uses:
        words, tone = "Used up", "notice"
    return CouponRow(coupon, off, used, words, tone)


def has_codes(offer: Offer) -> bool:
    """Whether any code works for an offer: else nobody is asked for one."""
    found = Coupon.objects.usable(current_agency().today())
    return found.filter(Q(offer=offer) | Q(offer__isnull=True)).exists()

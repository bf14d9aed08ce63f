"""Codes that make an offer cheaper: made by staff, typed by clients, counted when they are used."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from kit import clock
from kit.money import exponent, to_stripe
from kit.refused import NotValid
from modules.subscriptions.models import CatalogCoupon, Coupon, Kind, Offer, Subscription
from modules.subscriptions.models.codes import CouponQuerySet
from modules.subscriptions.queries.codes import being_used
from portal.agency import current_agency
from portal.audit.operations import Trail, record
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client, Company, Staff

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,29}")
UNKNOWN = "This code does not work here, or its time is over."


@transaction.atomic
def create_coupon(
    *,
    code: str,
    offer: Offer | None,
    percent: Decimal | None = None,
    minor: int | None = None,
    currency: str = "",
    lasts: str = Coupon.Lasts.ONCE,
    most_uses: int | None = None,
    until: date | None = None,
    by: Staff | None,
    trail: Trail | None = None,
) -> Coupon:
    """Make a code, for one offer or (None) for all.

    Raises:
        NotValid: a field's value is refused; `field` says which.
    """
    code = code.strip().upper()
    if not _CODE.fullmatch(code):
        raise NotValid("3 to 30 letters and digits without spaces, e.g. SPRING-26.", field="code")
    _check_amount(percent, minor, currency, offer)
    _check_limits(most_uses, until)
    if lasts not in Coupon.Lasts.values:
        raise NotValid("Choose for which payments it counts.", field="lasts")
    made = Coupon(
        code=code, offer=offer, percent=percent, minor=minor, currency=currency if minor else "", lasts=lasts,
        most_uses=most_uses, until=until,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise NotValid("There is a code of this name already.", field="code") from error
    record("subscriptions.coupon_created", made, by=by, summary=f"Made the code {made}", **(trail or {}))
    return made


@transaction.atomic
def edit_coupon(
    coupon: Coupon, *, most_uses: int | None, until: date | None, by: Staff | None, trail: Trail | None = None
) -> None:
    """Other limits. What it takes off stays: whoever wants another makes another code.

    Raises:
        NotValid: a limit that cannot be.
    """
    _check_limits(most_uses, until)
    Coupon.objects.filter(pk=coupon.pk).update(most_uses=most_uses, until=until)
    record("subscriptions.coupon_edited", coupon, by=by, summary=f"Changed {coupon}", **(trail or {}))


@transaction.atomic
def archive_coupon(coupon: Coupon, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Nobody can use it any more; who did keeps what it took off. Twice is once."""
    if Coupon.objects.filter(pk=coupon.pk, archived_at__isnull=True).update(archived_at=clock.now()):
        record("subscriptions.coupon_archived", coupon, by=by, summary=f"Ended {coupon}", **(trail or {}))


def coupon_for(code: str, offer: Offer, *, owner: Company | Client) -> Coupon:
    """The coupon of a typed code, if this owner can use it for this offer now.

    Raises:
        NotValid: it cannot; the words say why as far as that is anybody's business.
    """
    found = _usable(offer).filter(code=code.strip().upper()[:30].replace("\x00", "")).first()
    if found is None:
        raise NotValid(UNKNOWN, field="code")
    _check_use(found, offer, owner)
    return found


def take(coupon: Coupon, offer: Offer, *, owner: Company | Client) -> Coupon:
    """The same again under the coupon's lock, in the transaction that makes the purchase: the last use is one.

    Raises:
        NotValid: as `coupon_for`.
    """
    held = _usable(offer).select_for_update(of=("self",)).filter(pk=coupon.pk).first()
    if held is None:
        raise NotValid(UNKNOWN, field="code")
    _check_use(held, offer, owner)
    return held


def uses_of(coupon: Coupon) -> int:
    """How often it was used, those that are being paid right now counted in."""
    return int(_uses(coupon).count())


def stripe_coupon(coupon: Coupon, name: str) -> str:
    """Stripe's id of it on the agency's account, made when it is needed first. Not inside a transaction."""
    account = str(stripe_of_agency()[1]["stripe_account"])
    known: CatalogCoupon | None = coupon.catalog.filter(account=account).first()
    if known is not None:
        return known.stripe_id
    client, options = stripe_of_agency(f"coupon:{coupon.pk}:{coupon.created_at.timestamp():.0f}")
    params: Any = {"name": name[:40], "duration": coupon.lasts}
    if coupon.percent is not None:
        params["percent_off"] = float(coupon.percent)
    else:
        params["amount_off"] = to_stripe(coupon.minor or 0, coupon.currency)
        params["currency"] = coupon.currency.lower()
    stripe_id = client.v1.coupons.create(params, options).id
    made, _ = CatalogCoupon.objects.get_or_create(
        coupon=coupon, account=account, defaults={"stripe_id": stripe_id}
    )
    return made.stripe_id


def _usable(offer: Offer) -> CouponQuerySet:
    if offer.kind == Kind.FREE:
        return Coupon.objects.none()
    found = Coupon.objects.usable(current_agency().today()).filter(Q(offer=offer) | Q(offer__isnull=True))
    return found.filter(Q(percent__isnull=False) | Q(currency=offer.currency))


def _uses(coupon: Coupon) -> Any:
    return Subscription.objects.filter(being_used(), coupon=coupon)


def _check_use(coupon: Coupon, offer: Offer, owner: Company | Client) -> None:
    mine = {"company": owner} if isinstance(owner, Company) else {"client": owner}
    if Subscription.objects.bought().filter(coupon=coupon, **mine).exists():
        raise NotValid("You have used this code already.", field="code")
    # What the owner itself began and left does not stand in its way.
    if coupon.most_uses is not None and _uses(coupon).exclude(**mine).count() >= coupon.most_uses:
        raise NotValid("This code has been used up.", field="code")


def _check_amount(percent: Decimal | None, minor: int | None, currency: str, offer: Offer | None) -> None:
    if (percent is None) == (minor is None):
        raise NotValid("Give a percentage or an amount, one of both.", field="percent")
    if percent is not None:
        if not 0 < percent <= 100 or percent != round(percent, 2):
            raise NotValid("Above 0 and at most 100, with two decimals.", field="percent")
        return
    try:
        exponent(currency)
        to_stripe(minor or 0, currency)
    except ValueError as error:
        raise NotValid("Three capital letters, e.g. EUR.", field="currency") from error
    if not 0 < (minor or 0) < 10**11:
        raise NotValid("Give an amount above zero.", field="amount")
    if offer is not None and offer.currency != currency:
        raise NotValid(f"The offer is in {offer.currency or 'no currency'}.", field="currency")


def _check_limits(most_uses: int | None, until: date | None) -> None:
    if most_uses is not None and not 1 <= most_uses <= 1_000_000:
        raise NotValid("At least one. Empty: any number.", field="most_uses")
    if until is not None and until < current_agency().today():
        raise NotValid("This day is over. Choose today or a later one.", field="until")

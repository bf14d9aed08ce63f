"""Amounts in words: prices, the tax in them, and what a code takes off."""

from decimal import ROUND_HALF_UP, Decimal

from kit.money import exponent, format_money
from modules.subscriptions.models import Coupon, Kind, Offer, Subscription
from modules.subscriptions.models.offers import price_words
from portal.agency import current_agency


def money(minor: int, currency: str) -> str:
    """An amount in the agency's language."""
    return format_money(minor, currency, current_agency().language) if currency else ""


def gross_of(thing: Offer | Subscription) -> int:
    """What is charged each time, tax included, in minor units."""
    return thing.gross_minor if isinstance(thing, Offer) else thing.minor * thing.quantity


def price_of(thing: Offer | Subscription) -> str:
    """A price in words, tax included, e.g. "€49.00 a month"."""
    price = money(gross_of(thing), thing.currency)
    return price_words(price, thing.kind, thing.interval, thing.every, thing.instalments)


def tax_in(gross: int, percent: Decimal) -> int:
    """The tax that an amount holds, in minor units; a half is rounded up."""
    net = Decimal(gross) * 100 / (100 + percent)
    return gross - int(net.to_integral_value(ROUND_HALF_UP))


def tax_of(thing: Offer | Subscription) -> str:
    """What is said of the tax, e.g. "includes €7.82 VAT (19 %)"; empty without one."""
    if not thing.tax_percent:
        return ""
    gross, percent = gross_of(thing), f"{thing.tax_percent.normalize():f} %"
    is_added = isinstance(thing, Offer) and not thing.tax_included
    tax = gross - thing.minor if is_added else tax_in(gross, thing.tax_percent)
    words = f"{money(tax, thing.currency)} {thing.tax_name or 'tax'} ({percent})"
    return f"{money(thing.minor, thing.currency)} plus {words}" if is_added else f"includes {words}"


def off(coupon: Coupon, offer: Offer) -> int:
    """What a coupon takes off one payment of an offer, in minor units; counted as Stripe counts it."""
    gross = offer.gross_minor
    if coupon.percent is None:
        return min(gross, coupon.minor or 0)
    taken = int((Decimal(gross) * coupon.percent / 100).to_integral_value(ROUND_HALF_UP))
    # Of currencies with three decimals, Stripe takes only amounts whose last one is 0.
    return taken - taken % 10 if exponent(offer.currency) == 3 else taken


def coupon_words(coupon: Coupon) -> str:
    """What a code takes off: "20 %", "€10.00"."""
    if coupon.percent is not None:
        return f"{coupon.percent.normalize():f} %"
    return money(coupon.minor or 0, coupon.currency)


def off_words(minor: int, currency: str, kind: str, lasts: str) -> str:
    """What a code takes off a purchase: "€9.80 off the first payment"; empty when nothing."""
    if not minor:
        return ""
    amount = f"{money(minor, currency)} off"
    if kind not in (Kind.RECURRING, Kind.INSTALMENTS):
        return amount
    return f"{amount} {'every payment' if lasts == Coupon.Lasts.FOREVER else 'the first payment'}"


def off_of(subscription: Subscription) -> str:
    """What a code takes off this purchase, in words."""
    lasts = subscription.coupon.lasts if subscription.coupon else ""
    return off_words(subscription.off_minor, subscription.currency, subscription.kind, lasts)

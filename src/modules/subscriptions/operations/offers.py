"""Making and changing what is sold. What was bought before stays as it was agreed."""

import re
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from kit import clock
from kit.money import LARGEST, exponent, to_stripe
from kit.refused import NotValid
from modules.subscriptions.models import Interval, Kind, Offer
from portal.audit.operations import Trail, record
from portal.entitlements.operations import check_key
from portal.people.models import Staff

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_TRIAL_DAYS = 730  # Stripe's own limit
MOST_MONTHS = {Interval.WEEK: 156, Interval.MONTH: 36, Interval.YEAR: 3}  # Stripe: at most three years


class OfferFields(TypedDict, total=False):
    """What staff decide about an offer. Left out: as it was, or the model's default."""

    name: str
    summary: str
    kind: str
    minor: int
    currency: str
    interval: str
    every: int
    trial_days: int
    instalments: int
    group: str
    grants: list[str]
    tax_name: str
    tax_percent: Decimal
    tax_included: bool
    may_cancel: bool
    may_pause: bool
    longest_pause_days: int
    slug: str
    is_open: bool
    is_listed: bool
    is_invited_only: bool


@transaction.atomic
def create_offer(*, by: Staff | None, trail: Trail | None = None, **fields: Unpack[OfferFields]) -> Offer:
    """Make an offer; it is sold from now on if it is open.

    Raises:
        NotValid: a field's value is refused; `field` says which.
    """
    offer = Offer()
    _set(offer, fields)
    if not offer.slug:
        offer.slug = _free_slug(offer.name)
    _save(offer)
    record("subscriptions.offer_created", offer, by=by, summary=f"Created the offer {offer}", **(trail or {}))
    return offer


@transaction.atomic
def edit_offer(
    offer: Offer, *, by: Staff | None, trail: Trail | None = None, **fields: Unpack[OfferFields]
) -> Offer:
    """Change what is given. A new price is for those who buy from now on.

    Raises:
        NotValid: a field's value is refused, or the kind of an offer that was already bought.
    """
    held = Offer.objects.select_for_update().get(pk=offer.pk)
    if fields.get("kind", held.kind) != held.kind and held.subscriptions.exists():
        raise NotValid("Somebody has bought this already. Make another offer instead.", field="kind")
    change = _set(held, fields)
    if change:
        _save(held)
        summary = f"Changed the offer {held}"
        record("subscriptions.offer_edited", held, by=by, summary=summary, change=change, **(trail or {}))
    return held


@transaction.atomic
def archive_offer(offer: Offer, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Stop selling it; those who have it keep it. Twice is once."""
    if Offer.objects.filter(pk=offer.pk, archived_at__isnull=True).update(archived_at=clock.now()):
        summary = f"Archived the offer {offer}"
        record("subscriptions.offer_archived", offer, by=by, summary=summary, **(trail or {}))


@transaction.atomic
def restore_offer(offer: Offer, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Sell it again, as it was."""
    if Offer.objects.filter(pk=offer.pk, archived_at__isnull=False).update(archived_at=None):
        summary = f"Restored the offer {offer}"
        record("subscriptions.offer_restored", offer, by=by, summary=summary, **(trail or {}))


def _set(offer: Offer, fields: OfferFields) -> dict[str, list[Any]]:
    change: dict[str, list[Any]] = {}
    for name, value in fields.items():
        fresh = value.strip() if isinstance(value, str) else value
        if isinstance(fresh, str) and "\x00" in fresh:
            raise NotValid("This holds a character that cannot be stored.", field=name)
        before = getattr(offer, name)
        if fresh != before:
            setattr(offer, name, fresh)
            change[name] = [_plain(before), _plain(fresh)]
    _tidy(offer)
    _check(offer)
    return change


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _tidy(offer: Offer) -> None:
    """What the kind leaves no choice about."""
    if offer.kind == Kind.FREE:
        offer.minor, offer.currency = 0, ""
        offer.tax_name, offer.tax_percent, offer.tax_included = "", Decimal(0), True
    if offer.is_invited_only:
        offer.is_listed = False
    if offer.kind != Kind.INSTALMENTS:
        offer.instalments = 0
    if offer.kind != Kind.RECURRING:
        offer.trial_days, offer.group, offer.may_pause = 0, "", False


def _check(offer: Offer) -> None:
    if not offer.name or len(offer.name) > 120:
        raise NotValid("Give it a name of up to 120 characters.", field="name")
    if offer.slug and (len(offer.slug) > 60 or not _SLUG.fullmatch(offer.slug)):
        raise NotValid("Small letters, digits and single hyphens between them.", field="slug")
    if offer.kind not in Kind.values:
        raise NotValid("Choose how it is paid.", field="kind")
    if offer.interval not in Interval.values:
        raise NotValid("Choose week, month or year.", field="interval")
    if not 1 <= offer.every <= MOST_MONTHS[Interval(offer.interval)]:
        raise NotValid("At most three years lie between two payments.", field="every")
    if not 0 <= offer.trial_days <= LONGEST_TRIAL_DAYS:
        raise NotValid(f"A trial has at most {LONGEST_TRIAL_DAYS} days.", field="trial_days")
    if not 1 <= offer.longest_pause_days <= 365:
        raise NotValid("Between 1 and 365 days.", field="longest_pause_days")
    if offer.kind == Kind.INSTALMENTS and not 2 <= offer.instalments <= 60:
        raise NotValid("Between 2 and 60 instalments.", field="instalments")
    _check_price(offer)
    _check_grants(offer)


def _check_price(offer: Offer) -> None:
    if offer.kind == Kind.FREE:
        return
    try:
        exponent(offer.currency)
    except ValueError as error:
        raise NotValid("Three capital letters, e.g. EUR.", field="currency") from error
    if not 0 < offer.minor <= LARGEST // 1000:
        raise NotValid("Give a price above zero, or make the offer free.", field="price")
    if not 0 <= offer.tax_percent <= 100:
        raise NotValid("Between 0 and 100.", field="tax_percent")
    try:
        to_stripe(offer.gross_minor, offer.currency)
    except ValueError as error:
        words = "In this currency the last decimal has to be 0, tax included."
        raise NotValid(words, field="price") from error


def _check_grants(offer: Offer) -> None:
    offer.grants = list(dict.fromkeys(offer.grants))
    for key in offer.grants:
        try:
            check_key(key)
        except NotValid as refused:
            raise NotValid(refused.words, field="grants") from refused


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:50] or "offer"
    taken = set(Offer.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(
        slug for n in range(1, 10_000) if (slug := wanted if n == 1 else f"{wanted}-{n}") not in taken
    )


def _save(offer: Offer) -> None:
    try:
        with transaction.atomic():
            offer.save()
    except IntegrityError as error:
        raise NotValid("Another offer has this address.", field="slug") from error

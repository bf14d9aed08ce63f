"""What pages, cards and mails show of offers and subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from kit.paging import Page, page_by_id
from modules.subscriptions import lives
from modules.subscriptions.models import Interval, Kind, Offer, State, Subscription
from modules.subscriptions.models.bought import OVER, SubscriptionQuerySet
from modules.subscriptions.queries.bills import PastBill, Rung, bills_of, grace_step, ladder_of
from modules.subscriptions.queries.codes import coupon_rows, has_codes, sent_to
from modules.subscriptions.queries.prices import (
    coupon_words,
    gross_of,
    money,
    off,
    off_of,
    off_words,
    price_of,
    tax_in,
    tax_of,
)
from portal.people.models import Client, Company, Right, Staff

__all__ = [
    "PastBill",
    "Rung",
    "bills_of",
    "coupon_rows",
    "coupon_words",
    "grace_step",
    "gross_of",
    "has_codes",
    "ladder_of",
    "money",
    "off",
    "off_of",
    "off_words",
    "price_of",
    "sent_to",
    "tax_in",
    "tax_of",
]

PAGE_SIZE = 50
TONES = {
    State.TRIALING: "notice",
    State.ACTIVE: "positive",
    State.PAST_DUE: "warning",
    State.PAUSED: "notice",
    State.UNPAID: "negative",
    State.COMPLETED: "positive",
}
FILTERS = {
    "": "Running",
    "late": "Payment late",
    "ending": "Ending",
    "paused": "Paused",
    "over": "Ended",
    "all": "All",
}
MONTHS = {Interval.WEEK: (52, 12), Interval.MONTH: (1, 1), Interval.YEAR: (1, 12)}


@dataclass(frozen=True)
class Row:
    """A subscription as lists and pages print it."""

    subscription: Subscription
    price: str
    words: str
    tone: str
    next_words: str
    next_at: datetime | None
    upcoming: str
    warning: str
    tax: str
    off: str

    @property
    def pk(self) -> int:
        return self.subscription.pk


@dataclass(frozen=True)
class OfferRow:
    """An offer with its price in words and how many have it."""

    offer: Offer
    price: str
    running: int

    @property
    def tax(self) -> str:
        return tax_of(self.offer)


def row_of(subscription: Subscription) -> Row:
    """One subscription with everything that is said about it."""
    words, tone = state_words(subscription)
    next_words, next_at = _next(subscription)
    step = grace_step(subscription)
    upcoming = subscription.upcoming_minor
    return Row(
        subscription=subscription,
        price=price_of(subscription),
        words=words,
        tone=tone,
        next_words=next_words,
        next_at=next_at,
        upcoming=money(upcoming, subscription.currency) if upcoming is not None and next_at else "",
        warning=lives.GRACE[step] if step is not None else "",
        tax=tax_of(subscription),
        off=off_of(subscription),
    )


def state_words(subscription: Subscription) -> tuple[str, str]:
    """The state and its badge's tone; one that somebody cancelled is said to be ending."""
    state = State(subscription.state)
    if subscription.is_ending:
        return "Ending", "warning"
    if state == State.ACTIVE and subscription.kind == Kind.ONE_TIME:
        return "Paid", "positive"
    return str(state.label), TONES.get(state, "")


def mine(
    client: Client, *, company: Company | None = None, among: SubscriptionQuerySet | None = None
) -> tuple[list[Row], list[Row]]:
    """What a client has, and what it had, for one `company` or all; `among` narrows to what the reader may see."""
    every = Subscription.objects.all() if among is None else among
    found = every.visible_to(client).bought().select_related("offer", "company", "client", "coupon")
    found = found.filter(company=company) if company else found
    rows = [row_of(subscription) for subscription in found.order_by("-pk")[:300]]
    return (
        [row for row in rows if not row.subscription.is_over],
        [row for row in rows if row.subscription.is_over],
    )


def late(client: Client) -> list[Subscription]:
    """Those of a client whose payment waits."""
    return list(Subscription.objects.visible_to(client).late().select_related("offer").order_by("pk"))


def without_card(client: Client) -> list[Subscription]:
    """Those of a client whose next payment has nothing to be taken from."""
    found = Subscription.objects.visible_to(client).running().filter(method="").exclude(stripe_id=None)
    return [one for one in found.select_related("offer").order_by("pk") if one.is_without_card]


def owners_for(client: Client) -> list[Company]:
    """The companies for which this client may buy."""
    found = Company.objects.filter(memberships__client=client, memberships__rights__contains=[Right.PAY])
    return list(found.order_by("name"))


def plans_for(subscription: Subscription) -> list[OfferRow]:
    """The offers that it may be changed to: same group, same currency, still sold."""
    if subscription.kind != Kind.RECURRING or not subscription.offer.group:
        return []
    others = Offer.objects.open_to(subscription.buyer).filter(
        group=subscription.offer.group, kind=Kind.RECURRING, currency=subscription.currency
    )
    found = others.exclude(pk=subscription.offer_id).order_by("minor", "pk")
    return [OfferRow(offer, price_of(offer), 0) for offer in found]


def instead_of(client: Client, offer: Offer) -> Subscription | None:
    """What the client has of the same group and may change to this offer; whoever asks would pay for both."""
    if offer.kind != Kind.RECURRING or not offer.group:
        return None
    mine = (
        Subscription.objects.visible_to(client)
        .running()
        .filter(
            offer__group=offer.group, currency=offer.currency, state=State.ACTIVE, stripe_id__isnull=False
        )
    )
    found = mine.exclude(offer=offer).select_related("offer", "company").order_by("-pk")
    return next((one for one in found if client.may(Right.PAY, one.company)), None)


def listed_offers(client: Client) -> list[OfferRow]:
    """What a client finds in the portal by itself, without what it has already, or can change to."""
    running = Subscription.objects.visible_to(client).running()
    groups = running.filter(kind=Kind.RECURRING).exclude(offer__group="").values("offer__group")
    found = Offer.objects.found_by(client).exclude(pk__in=running.values("offer"))
    return [
        OfferRow(offer, price_of(offer), 0)
        for offer in found.exclude(group__in=groups).order_by("group", "minor", "pk")
    ]


def offers(*, archived: bool = False) -> list[OfferRow]:
    """All offers of the agency with how many have them."""
    running = Count(
        "subscriptions",
        filter=Q(subscriptions__started_at__isnull=False) & ~Q(subscriptions__state__in=OVER),
    )
    found = Offer.objects.filter(archived_at__isnull=not archived).annotate(running=running)
    ordered = found.order_by("group", "name", "pk")
    return [OfferRow(offer, price_of(offer), vars(offer)["running"]) for offer in ordered]


def subscribers(staff: Staff, *, which: str, words: str) -> SubscriptionQuerySet:
    """The subscriptions that this person may see, filtered; `which` is a key of FILTERS."""
    found: SubscriptionQuerySet = Subscription.objects.served_by(staff).bought()
    if which == "late":
        found = found.late()
    elif which == "over":
        found = found.filter(state__in=OVER)
    elif which == "paused":
        found = found.filter(state=State.PAUSED)
    elif which == "ending":
        found = found.running().filter(cancel_at__isnull=False, kind=Kind.RECURRING)
    elif which != "all":
        found = found.running()
    for word in words.split()[:6]:
        found = found.filter(
            Q(offer__name__icontains=word)
            | Q(buyer__name__icontains=word)
            | Q(buyer__email__icontains=word)
            | Q(company__name__icontains=word)
        )
    return found.select_related("offer", "company", "client", "buyer", "coupon")


def subscriber_page(
    staff: Staff, *, which: str, words: str, cursor: str | None
) -> tuple[Sequence[Row], str | None]:
    """One page of them, newest first, and the cursor of the next.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    page: Page[Subscription] = page_by_id(
        subscribers(staff, which=which, words=words), cursor=cursor, size=PAGE_SIZE
    )
    return [row_of(subscription) for subscription in page.rows], page.next_cursor


def figures() -> dict[str, object]:
    """Numbers over the list: how many run, how many are late, what comes in each month by currency."""
    running = Subscription.objects.running()
    return {
        "running": running.count(),
        "late": Subscription.objects.late().count(),
        "monthly": [money(minor, currency) for currency, minor in sorted(_monthly(running).items())],
    }


def _monthly(running: SubscriptionQuerySet) -> dict[str, int]:
    paying = running.filter(kind=Kind.RECURRING, state__in=(State.ACTIVE, State.PAST_DUE))
    sums = paying.values_list("currency", "interval", "every").annotate(total=Sum("minor")).order_by()
    monthly: dict[str, int] = {}
    for currency, interval, every, total in sums:
        times, months = MONTHS[Interval(interval)]
        monthly[currency] = monthly.get(currency, 0) + total * times // (months * every)
    return monthly


def _next(subscription: Subscription) -> tuple[str, datetime | None]:
    """What happens next, and when."""
    if subscription.is_over:
        return "Ended", subscription.ended_at
    if not subscription.is_running or subscription.kind in (Kind.ONE_TIME, Kind.FREE):
        return "", None
    if subscription.is_ending:
        return "Ends", subscription.cancel_at
    if subscription.state == State.PAUSED:
        return "Goes on", subscription.paused_until
    if subscription.state == State.TRIALING:
        return "First payment", subscription.trial_ends_at
    return "Next payment", subscription.period_ends_at

"""Believable offers and subscribers for the demo's agencies. Rows only: nothing is asked of Stripe, nobody mailed."""

from datetime import timedelta
from typing import Any

from kit import clock
from modules.subscriptions.models import Bill, Kind, Offer, State, Subscription
from modules.subscriptions.operations.granting import settle_grants
from portal.people.models import Client

OFFERS: tuple[dict[str, Any], ...] = (
    {
        "name": "Website care",
        "slug": "website-care",
        "summary": "Updates, backups and two hours of changes each month.",
        "minor": 4900,
        "group": "Care plans",
        "may_pause": True,
        "is_listed": True,
    },
    {
        "name": "Website care plus",
        "slug": "website-care-plus",
        "summary": "Everything in Website care, six hours of changes, and an answer within a day.",
        "minor": 12900,
        "group": "Care plans",
        "may_pause": True,
        "is_listed": True,
    },
    {
        "name": "Brand course",
        "slug": "brand-course",
        "summary": "Eight lessons on how to use your brand, at your own pace.",
        "minor": 9900,
        "kind": Kind.INSTALMENTS,
        "instalments": 3,
        "grants": ["courses.course:1"],
    },
    {
        "name": "Photo archive",
        "slug": "photo-archive",
        "summary": "All photographs of your project, for good.",
        "minor": 19000,
        "kind": Kind.ONE_TIME,
    },
    {
        "name": "Newsletter circle",
        "slug": "newsletter-circle",
        "summary": "What we learn, once a month, and a place to ask.",
        "kind": Kind.FREE,
        "grants": ["communities.community:1"],
        "is_listed": True,
    },
)


def fill(cast: Any) -> None:
    """Offers, one running subscription, one whose payment is late, one that is over, and a free one."""
    care, plus, _course, _archive, circle = (
        Offer.objects.create(currency="" if fields.get("kind") == Kind.FREE else "EUR", **fields)
        for fields in OFFERS
    )
    people = cast.clients
    first, second, last = people[0], people[min(1, len(people) - 1)], people[-1]
    _sell(plus, first, months=5)
    _sell(circle, first, months=2)
    _sell(care, second, months=9, ended=True)
    _sell(care, last, months=3, late=8)


def _sell(offer: Offer, buyer: Client, *, months: int, late: int = 0, ended: bool = False) -> None:
    now = clock.now()
    membership = buyer.memberships.select_related("company").first()
    company = membership.company if membership else None
    bought = Subscription.objects.create(
        offer=offer,
        buyer=buyer,
        company=company,
        client=None if company else buyer,
        state=State.CANCELED if ended else State.PAST_DUE if late else State.ACTIVE,
        kind=offer.kind,
        minor=offer.minor,
        currency=offer.currency,
        interval=offer.interval,
        grants=offer.grants,
        started_at=now - timedelta(days=30 * months),
        period_ends_at=now + timedelta(days=30 - (late or 12)),
        past_due_since=now - timedelta(days=late) if late else None,
        grace_told=7 if late else None,
        ended_at=now - timedelta(days=20) if ended else None,
        upcoming_minor=offer.minor if not ended else None,
        method="Visa •••• 4242" if offer.minor else "",
    )
    for turn in range(months if offer.minor else 0):
        _bill(bought, turn, is_open=bool(late) and turn == 0)
    settle_grants(bought)


def _bill(bought: Subscription, turn: int, *, is_open: bool) -> None:
    assert bought.period_ends_at is not None
    begun = bought.period_ends_at - timedelta(days=30 * (turn + 1))
    Bill.objects.create(
        subscription=bought,
        stripe_id=f"demo_{bought.uid.hex[:12]}_{turn}",
        state=Bill.State.OPEN if is_open else Bill.State.PAID,
        minor=bought.minor,
        paid_minor=0 if is_open else bought.minor,
        currency=bought.currency,
        attempts=2 if is_open else 1,
        next_attempt_at=clock.now() + timedelta(days=2) if is_open else None,
        period_from=begun,
        period_to=begun + timedelta(days=30),
        made_at=begun,
        paid_at=None if is_open else begun,
    )

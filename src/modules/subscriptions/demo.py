"""Believable offers, codes and subscribers for the demo's agencies: rows first; once the agency takes cards at the
simulator, what runs becomes real there, so that a plan can be changed and a card renewed. Nobody is mailed.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from kit import clock
from modules.subscriptions.models import Bill, Coupon, Kind, Offer, OfferInvitation, State, Subscription
from modules.subscriptions.operations.catalog import price_for
from modules.subscriptions.operations.granting import settle_grants
from modules.subscriptions.operations.mirroring import NAME, mirror
from portal.entitlements import hands
from portal.mail.models import Message
from portal.payments.methods import customer_of
from portal.payments.stripe_account import stripe_of_agency
from portal.people.models import Client

VAT: dict[str, Any] = {"tax_name": "VAT", "tax_percent": Decimal(19)}

OFFERS: tuple[dict[str, Any], ...] = (
    {
        "name": "Website care",
        "slug": "website-care",
        "summary": "Updates, backups and two hours of changes each month.",
        "minor": 4900,
        "group": "Care plans",
        "may_pause": True,
        "is_listed": True,
        **VAT,
    },
    {
        "name": "Website care plus",
        "slug": "website-care-plus",
        "summary": "Everything in Website care, six hours of changes, and an answer within a day.",
        "minor": 12900,
        "group": "Care plans",
        "may_pause": True,
        "is_listed": True,
        **VAT,
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
        "tax_included": False,
        **VAT,
    },
    {
        "name": "Founders' table",
        "slug": "founders-table",
        "summary": "Four dinners a year with other founders. Places are few: by invitation only.",
        "minor": 24000,
        "interval": "year",
        "is_invited_only": True,
        "grants": ["communities.community:2"],
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
    care, plus, course, _archive, table, circle = (
        Offer.objects.create(currency="" if fields.get("kind") == Kind.FREE else "EUR", **fields)
        for fields in OFFERS
    )
    people = cast.clients
    first, second, last = people[0], people[min(1, len(people) - 1)], people[-1]
    _sell(plus, first, months=5)
    _sell(circle, first, months=2)
    _sell(care, second, months=9, ended=True)
    _sell(care, last, months=3, late=8)
    until = clock.now().date() + timedelta(days=40)
    Coupon.objects.create(code="SPRING-20", percent=20, most_uses=25, until=until)
    Coupon.objects.create(code="WELCOME", offer=course, minor=3000, currency="EUR", lasts=Coupon.Lasts.ONCE)
    OfferInvitation.objects.create(offer=table, client=first, staff=cast.staff)
    hands.give(
        owner=last, key="courses.course:1", until=until, note="A thank-you for the interview", by=cast.staff
    )


def go_live() -> None:
    """What runs and is paid again becomes a subscription at the simulator, begun today. Not in a transaction."""
    account = str(stripe_of_agency()[1]["stripe_account"])
    before = set(Message.objects.values_list("pk", flat=True))
    running = Subscription.objects.running().filter(kind=Kind.RECURRING)
    for bought in running.exclude(account=account, stripe_id__isnull=False).select_related("offer"):
        _subscribe(bought, account)
    Message.objects.exclude(pk__in=before).filter(email__startswith="subscriptions.").delete()


def _subscribe(bought: Subscription, account: str) -> None:
    client, options = stripe_of_agency(f"demo:{bought.uid}:{account}")
    customer = str(customer_of(bought.owner).stripe_id)
    is_late = bought.is_late
    card = "pm_card_chargeCustomerFail" if is_late else "pm_card_visa"
    params: Any = {
        "customer": customer,
        "items": [{"price": price_for(bought.offer).price_id}],
        "default_payment_method": client.v1.payment_methods.attach(card, {"customer": customer}, options).id,
        "metadata": {NAME: str(bought.uid)},
    }
    if is_late:  # the card is asked for the first time when the trial is over, and then it fails
        params["trial_period_days"] = 1
        bought.bills.filter(state=Bill.State.OPEN).delete()
    client, options = stripe_of_agency(f"demo-begin:{bought.uid}:{account}")
    made = client.v1.subscriptions.create(params, options)
    if is_late:
        client, options = stripe_of_agency()
        client.v1.subscriptions.update(made.id, {"trial_end": "now"}, options)
    names = {"stripe_id": made.id, "account": account, "customer_id": customer}
    Subscription.objects.filter(pk=bought.pk).update(**names)
    mirror(made.id)


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
        minor=offer.gross_minor,
        currency=offer.currency,
        tax_name=offer.tax_name,
        tax_percent=offer.tax_percent,
        interval=offer.interval,
        grants=offer.grants,
        started_at=now - timedelta(days=30 * months),
        period_ends_at=now + timedelta(days=30 - late),
        past_due_since=now - timedelta(days=late) if late else None,
        grace_told=7 if late else None,
        ended_at=now - timedelta(days=20) if ended else None,
        upcoming_minor=offer.gross_minor if not ended else None,
        method="Visa •••• 4242" if offer.minor else "",
    )
    # This month's of those that run is made at the simulator, by `go_live`.
    for turn in range(0 if late or ended else 1, months if offer.minor else 0):
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

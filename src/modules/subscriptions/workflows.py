"""What workflows hear of subscriptions."""

from collections.abc import Iterator
from datetime import datetime

from kit.money import Money
from modules.subscriptions.models import Subscription
from portal.links import portal_path
from portal.module import Happening, Offer, Past, Trigger, ValueKind
from portal.people.owned import people_seeing

SUBSCRIPTION = [
    Offer("subscription", "what was bought"),
    Offer("amount", "the amount of a payment", ValueKind.MONEY),
    Offer("next_payment", "the day of the next payment", ValueKind.DATE),
]


def read_subscription(*, subscription_id: int) -> Happening | None:
    """A subscription that was bought, as it stands now."""
    found = Subscription.objects.bought().select_related("company", "client", "offer")
    one: Subscription | None = found.filter(pk=subscription_id).first()
    if one is None:
        return None
    return Happening(
        about=one.source,
        title=str(one),
        clients=list(people_seeing(one).with_access().order_by("pk")),
        owner=one.owner,
        values={
            "subscription": str(one),
            "amount": Money(one.minor, one.currency) if one.currency else None,
            "next_payment": one.period_ends_at and one.period_ends_at.date(),
        },
        path=portal_path("subscriptions:show", one.pk),
        console_path=f"/subscriptions/{one.pk}/",
    )


def _started(since: datetime) -> Iterator[Past]:
    return _past("started_at", since)


def _ended(since: datetime) -> Iterator[Past]:
    return _past("ended_at", since)


def _past(moment: str, since: datetime) -> Iterator[Past]:
    found = Subscription.objects.filter(**{f"{moment}__gte": since}).order_by(f"-{moment}")
    return (Past({"subscription_id": pk}, at) for pk, at in found.values_list("pk", moment))


TRIGGERS = [
    Trigger("subscriptions.started", "a subscription starts", read_subscription, _started, SUBSCRIPTION),
    Trigger(
        "subscriptions.past_due",
        "a subscription's payment did not go through",
        read_subscription,
        None,
        SUBSCRIPTION,
    ),
    Trigger("subscriptions.canceled", "a subscription ends", read_subscription, _ended, SUBSCRIPTION),
]

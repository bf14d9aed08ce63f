"""The mails of subscriptions: their declarations, and who gets which."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from kit.money import format_money
from modules.subscriptions import lives
from modules.subscriptions.models import Bill, Offer, OfferInvitation, Step, Subscription
from modules.subscriptions.queries import off_of, price_of
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Email, Kind, Placeholder
from portal.people.models import Staff

SAMPLE = {
    "offer": "Website care",
    "price": "€49.00 a month",
    "amount": "€49.00",
    "next": "5 February 2026",
    "button_url": "https://example.com/subscriptions/7/",
    "off": "",
}


def tell_started(subscription: Subscription, bill: Bill | None) -> None:
    """Tell the buyer that it runs, with what was paid: this is the receipt of the first payment, too."""
    _tell_buyer(subscription, "started", amount=_amount(bill) if bill else "")


def tell_paid(bill: Bill) -> None:
    """The receipt of one more payment."""
    _tell_buyer(bill.subscription, "paid", amount=_amount(bill))


def tell_late(subscription: Subscription, step: int) -> None:
    """One step of the ladder: what is still open, and what to do."""
    _tell_buyer(subscription, "late", step=step, rung=lives.GRACE[step])


def tell_ended(subscription: Subscription) -> None:
    """It is over."""
    _tell_buyer(subscription, "ended")


def tell_price(subscription: Subscription) -> None:
    """From the next payment on it costs something else."""
    _tell_buyer(subscription, "price")


def tell_invited(invitation: OfferInvitation) -> None:
    """An offer was sent to a client."""
    words = {
        "offer_id": invitation.offer_id,
        "offer": invitation.offer.name,
        "price": price_of(invitation.offer),
    }
    words |= {"summary": invitation.offer.summary[:600]}
    queue_mail("subscriptions.invited", invitation.client, words=words)


def tell_without_card(subscription: Subscription) -> None:
    """The next payment has nothing to be taken from."""
    _tell_buyer(subscription, "card_gone")


def tell_canceled(step: Step) -> None:
    """Tell owners and admins that a client cancelled, and why."""
    _tell_staff(step.subscription, "canceled", who=step.who, reason=step.words)


def tell_staff_started(subscription: Subscription) -> None:
    """Tell owners and admins of a new subscriber."""
    _tell_staff(subscription, "new", who=str(subscription.buyer))


def _tell_buyer(subscription: Subscription, key: str, **more: Any) -> None:
    queue_mail(f"subscriptions.{key}", subscription.buyer, words=_words(subscription) | more)


def _tell_staff(subscription: Subscription, key: str, **more: Any) -> None:
    words = _words(subscription) | {"owner": str(subscription.owner)} | more
    words["button_url"] = console_link(current_agency(), "subscriptions:show", subscription.pk)
    for staff in Staff.objects.filter(is_active=True, role__in=(Staff.Role.OWNER, Staff.Role.ADMIN)):
        queue_mail(f"subscriptions.{key}", staff, words=words)


def _words(subscription: Subscription) -> dict[str, Any]:
    return {
        "subscription_id": subscription.pk,
        "offer": subscription.offer.name,
        "price": price_of(subscription),
        "off": off_of(subscription),
        "next": _day(subscription.period_ends_at) if not subscription.cancel_at else "",
        "until": _day(subscription.cancel_at),
    }


def _amount(bill: Bill) -> str:
    return format_money(bill.minor, bill.currency, current_agency().language)


def _day(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return date_format(timezone.localtime(moment, current_agency().tzinfo), "j F Y")


def _link(message: Message) -> Mapping[str, Any]:
    """The button's address, made when the mail leaves.

    Raises:
        Unsendable: the client does not see it any more.
    """
    client, pk = message.client, message.words["subscription_id"]
    if client is None or not Subscription.objects.visible_to(client).filter(pk=pk).exists():
        raise Unsendable("the client does not see the subscription any more")
    return {"button_url": portal_link(current_agency(), "subscriptions:show", pk)}


def _offer_link(message: Message) -> Mapping[str, Any]:
    """The offer's page.

    Raises:
        Unsendable: the client cannot buy it any more.
    """
    client, pk = message.client, message.words["offer_id"]
    offer = Offer.objects.open_to(client).filter(pk=pk).first() if client else None
    if offer is None:
        raise Unsendable("the offer is not open to this client any more")
    return {"button_url": portal_link(current_agency(), "subscriptions:offer", offer.slug)}


def _closes(words: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"is_closed": words.get("step") == 14}


OFFER = {"offer": Placeholder("Name of the offer")}
PRICE = {"price": Placeholder("What it costs, and how often")}
NEXT = {"next": Placeholder("Day of the next payment, if there is one")}
AMOUNT = {"amount": Placeholder("What was paid")}
PAGE = {"button_url": Placeholder("The subscription's page", Kind.LINK, needed=True)}
OWNER = {
    "who": Placeholder("Name of the client"),
    "owner": Placeholder("The company or client that it is for"),
}


def _email(
    key: str,
    label: str,
    told: str,
    placeholders: Mapping[str, Placeholder],
    *,
    prepare: Any = _link,
    derive: Any = None,
    digest: str = "",
    **sample: Any,
) -> Email:
    return Email(
        key=f"subscriptions.{key}",
        label=label,
        template=f"subscriptions/emails/{key}",
        sample=SAMPLE | sample,
        prepare=prepare,
        told=told,
        placeholders={**OFFER, **placeholders, **PAGE},
        derive=derive,
        digest=digest,
    )


EMAILS = (
    _email(
        "started",
        "A subscription has begun",
        "Who took it, at once; it is the receipt of the first payment too.",
        {**PRICE, **AMOUNT, **NEXT, "off": Placeholder("The discount, if there is one")},
    ),
    _email(
        "paid",
        "Receipt of a subscription's payment",
        "Who took it, at once after each payment.",
        {**AMOUNT, **NEXT},
    ),
    _email(
        "late",
        "A subscription's payment did not go through",
        "Who took it, on each step of the reminders.",
        {
            **PRICE,
            "rung": Placeholder("What happens next, in a sentence"),
            "is_closed": Placeholder("Whether it is closed for now", Kind.FLAG),
        },
        derive=_closes,
        step=3,
        rung=lives.GRACE[3],
    ),
    _email("ended", "A subscription has ended", "Who took it, when it is over.", {}),
    _email(
        "price",
        "A subscription's price changes",
        "Who took it, when you change the price.",
        {**PRICE, **NEXT},
    ),
    _email(
        "card_gone", "A subscription's payment method is gone", "Who took it, when the card is removed.", NEXT
    ),
    _email(
        "invited",
        "An offer is sent to a client",
        "The client to whom you send the offer.",
        {**PRICE, "summary": Placeholder("What the offer says", Kind.LONG)},
        prepare=_offer_link,
        digest="new",
        summary="Updates, backups and two hours of changes each month.",
    ),
    _email(
        "new",
        "Somebody subscribed (to staff)",
        "Owners and admins, when a client subscribes.",
        {**OWNER, **PRICE},
        prepare=None,
        digest="new",
        who="Maria Silva",
        owner="Brightside",
    ),
    _email(
        "canceled",
        "A client cancelled (to staff)",
        "Owners and admins, when a client cancels.",
        {
            **OWNER,
            "until": Placeholder("Until when it runs on, if it does"),
            "reason": Placeholder("What the client wrote", Kind.LONG),
        },
        prepare=None,
        digest="new",
        who="Maria Silva",
        owner="Brightside",
        reason="We do it ourselves now.",
        until="5 February 2026",
    ),
)

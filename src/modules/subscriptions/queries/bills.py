"""What was paid, what is late, and what happens next if it stays so."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit import clock
from modules.subscriptions import lives
from modules.subscriptions.models import Bill, State, Subscription
from modules.subscriptions.queries.prices import money, tax_in
from portal.payments.models import EntryKind, LedgerEntry, Payment

TONES = {Bill.State.PAID: "positive", Bill.State.OPEN: "warning", Bill.State.UNCOLLECTIBLE: "negative"}
BACK = (EntryKind.REFUND, EntryKind.REFUND_FAILED)
DISPUTED = (EntryKind.DISPUTE, EntryKind.DISPUTE_WON)


@dataclass(frozen=True)
class PastBill:
    """A bill with its amounts in words: what of it is tax, what was paid back or is disputed."""

    bill: Bill
    amount: str
    tone: str
    tax: str
    back: str
    disputed: str
    payment: Payment | None


@dataclass(frozen=True)
class Rung:
    """A step of the ladder: when, what happens, and whether it has."""

    at: datetime
    words: str
    is_reached: bool


def grace_step(subscription: Subscription) -> int | None:
    """Which step of the ladder a subscription stands on now; None while nothing is late."""
    if not subscription.is_late:
        return None
    if subscription.state == State.UNPAID:  # Stripe gave up
        return lives.CLOSED_FROM
    since = subscription.past_due_since
    return lives.grace_step(since, clock.now()) if since else 0


def ladder_of(subscription: Subscription) -> list[Rung]:
    """Every step with its day, while something is late."""
    step, since = grace_step(subscription), subscription.past_due_since
    if step is None or since is None:
        return []
    return [
        Rung(since + timedelta(days=day), words, is_reached=day <= step) for day, words in lives.RUNGS.items()
    ]


def bills_of(subscription: Subscription, most: int = 100) -> list[PastBill]:
    """The bills of one subscription, the newest first; those about nothing, as of a trial, left out."""
    moved: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    payments: dict[str, Payment] = {}
    entries = LedgerEntry.objects.filter(payable=subscription.source).select_related("payment")
    for entry in entries:
        if entry.payment is not None and entry.payment.intent_id:
            payments[entry.payment.intent_id] = entry.payment
            moved[entry.payment.intent_id][entry.kind] += entry.minor
    return [
        _past(
            bill, subscription, moved[bill.intent_id] if bill.intent_id else {}, payments.get(bill.intent_id)
        )
        for bill in subscription.bills.exclude(minor=0)[:most]
    ]


def _past(bill: Bill, subscription: Subscription, moved: dict[str, int], payment: Payment | None) -> PastBill:
    back = -sum(moved.get(kind, 0) for kind in BACK)
    disputed = -sum(moved.get(kind, 0) for kind in DISPUTED)
    percent = subscription.tax_percent
    return PastBill(
        bill=bill,
        amount=money(bill.minor, bill.currency),
        tone=TONES.get(Bill.State(bill.state), ""),
        tax=money(tax_in(bill.minor, percent), bill.currency) if percent and bill.minor > 0 else "",
        back=money(back, bill.currency) if back > 0 else "",
        disputed=money(disputed, bill.currency) if disputed > 0 else "",
        payment=payment,
    )

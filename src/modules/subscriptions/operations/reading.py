"""From Stripe's objects to our columns. Pure: the same objects give the same words, in any order."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kit.money import from_stripe
from modules.subscriptions import lives
from modules.subscriptions.models import Bill, Kind, State

Seen = Mapping[str, Any]


def moment(seconds: int | None) -> datetime | None:
    """Stripe's seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def after(begun: datetime, interval: str, times: int) -> datetime:
    """So many weeks, months or years later; the 31st becomes the last day of a shorter month, as at Stripe."""
    if interval == "week":
        return begun + timedelta(weeks=times)
    months = begun.month - 1 + times * (12 if interval == "year" else 1)
    year, month = begun.year + months // 12, months % 12 + 1
    return begun.replace(year=year, month=month, day=min(begun.day, monthrange(year, month)[1]))


def id_of(thing: Any) -> str:
    """The id of something that may be expanded."""
    return str(thing["id"] if isinstance(thing, Mapping) else thing or "")


def columns(seen: Seen, bills: Sequence[Seen], *, kind: str, instalments: int) -> dict[str, Any]:
    """What a subscription of Stripe's says, as our columns.

    Args:
        seen: the subscription.
        bills: all its invoices.
    """
    item = seen["items"]["data"][0]
    price, every = item["price"], item["price"]["recurring"]
    currency = seen["currency"].upper()
    state = _state(seen, bills, kind=kind, instalments=instalments)
    is_late = state in (State.PAST_DUE, State.UNPAID)
    return {
        "state": state,
        "customer_id": id_of(seen["customer"]),
        "item_id": item["id"],
        "price_id": price["id"],
        "minor": from_stripe(price["unit_amount"] or 0, currency),
        "currency": currency,
        "interval": every["interval"],
        "every": every["interval_count"],
        "quantity": item.get("quantity") or 1,
        "trial_ends_at": moment(seen.get("trial_end")),
        "period_ends_at": moment(item.get("current_period_end")),
        "cancel_at": _cancel_at(seen, item),
        "paused_until": moment((seen.get("pause_collection") or {}).get("resumes_at")),
        "past_due_since": _unpaid_since(bills) if is_late else None,
        "ended_at": moment(seen.get("ended_at")),
    }


def started(seen: Seen) -> datetime | None:
    """Since when it runs; None while its first payment is missing."""
    if seen["status"] in ("incomplete", "incomplete_expired"):
        return None
    return moment(seen.get("start_date") or seen.get("created"))


def bill_columns(seen: Seen) -> dict[str, Any] | None:
    """What an invoice of Stripe's says; None for a draft, which may still change."""
    if seen["status"] not in Bill.State.values:
        return None
    currency = seen["currency"].upper()
    turns = seen.get("status_transitions") or {}
    return {
        "state": seen["status"],
        "minor": from_stripe(seen["total"], currency),
        "paid_minor": from_stripe(seen.get("amount_paid") or 0, currency),
        "currency": currency,
        "is_out_of_band": _is_out_of_band(seen),
        "intent_id": _intent(seen),
        "attempts": seen.get("attempt_count") or 0,
        "next_attempt_at": moment(seen.get("next_payment_attempt")),
        "period_from": _period(seen, "start"),
        "period_to": _period(seen, "end"),
        "made_at": moment(seen["created"]),
        "paid_at": moment(turns.get("paid_at")) if seen["status"] == "paid" else None,
    }


def paid_bills(bills: Sequence[Seen]) -> int:
    """How many invoices of this subscription are paid, those about nothing left out."""
    return sum(1 for bill in bills if bill["status"] == "paid" and bill["total"] > 0)


def method_words(method: Any) -> str:
    """A way to pay in words: "Visa •••• 4242"."""
    if not isinstance(method, Mapping):
        return ""
    kind = str(method.get("type") or "")
    detail = method.get(kind) or {}
    name = str(detail.get("brand") or kind.replace("_", " ")).title()
    return f"{name} •••• {detail['last4']}" if detail.get("last4") else name


def _state(seen: Seen, bills: Sequence[Seen], *, kind: str, instalments: int) -> State:
    if kind == Kind.INSTALMENTS and paid_bills(bills) >= instalments > 0:
        return State.COMPLETED
    state = State(lives.OF_STRIPE[seen["status"]])
    is_paused = bool(seen.get("pause_collection")) and state in (State.ACTIVE, State.TRIALING)
    return State.PAUSED if is_paused else state


def _cancel_at(seen: Seen, item: Seen) -> datetime | None:
    if seen.get("cancel_at"):
        return moment(seen["cancel_at"])
    return moment(item.get("current_period_end")) if seen.get("cancel_at_period_end") else None


def _unpaid_since(bills: Sequence[Seen]) -> datetime | None:
    """When the oldest bill that is still to be paid was finished: the ladder counts from there."""
    waiting = [
        (bill.get("status_transitions") or {}).get("finalized_at") or bill["created"]
        for bill in bills
        if bill["status"] in ("open", "uncollectible") and bill["total"] > 0
    ]
    return moment(min(waiting)) if waiting else None


def _is_out_of_band(seen: Seen) -> bool:
    return seen["status"] == "paid" and (seen.get("amount_paid") or 0) > 0 and not _intent(seen)


def _intent(seen: Seen) -> str:
    """The payment intent that paid it; it stands in the invoice's list of payments."""
    for one in (seen.get("payments") or {}).get("data") or []:
        payment = one.get("payment") or {}
        if one.get("status") == "paid" and payment.get("payment_intent"):
            return id_of(payment["payment_intent"])
    return ""


def _period(seen: Seen, end: str) -> datetime | None:
    """The span that is paid for: that of the last line, because the invoice's own looks back."""
    lines = (seen.get("lines") or {}).get("data") or []
    periods = [line["period"] for line in lines if line.get("period")]
    return moment(periods[-1][end]) if periods else moment(seen.get(f"period_{end}"))

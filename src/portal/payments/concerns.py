"""What waits for a person: noted once, cleared when it is over by itself, resolved by staff."""

from typing import TYPE_CHECKING

from django.utils.formats import date_format

from kit import clock
from kit.money import format_money, from_stripe
from portal.audit.operations import record
from portal.payments.models import Concern, EntryKind, Payment
from portal.people.models import Staff

if TYPE_CHECKING:
    from portal.payments.truth import Dispute, Truth


def waiting() -> list[Concern]:
    """All that wait, the oldest first."""
    found = Concern.objects.filter(resolved_at=None).select_related("payment__client", "payment__company")
    return list(found.order_by("created_at"))


def resolve(concern: Concern, *, staff: Staff) -> None:
    """A person has seen to it."""
    unresolved = Concern.objects.filter(pk=concern.pk, resolved_at=None)
    unresolved.update(resolved_at=clock.now(), resolved_by=staff)


def accept(payment: Payment, *, staff: Staff) -> None:
    """Take what came; the next look at Stripe books it.

    Raises:
        portal.payments.stripe_account.NoCards: the agency's account is not connected.
        stripe.StripeError: Stripe could not be asked.
    """
    from portal.payments.truth import fetch

    truth = fetch(payment)
    if truth is None or truth.received is None:
        return
    Payment.objects.filter(pk=payment.pk).update(accepted=list(truth.received))
    words = f"Took a payment as it came: {truth.received[0]} {truth.received[1].upper()} (Stripe's units)"
    record("payments.accepted", f"payment:{payment.pk}", by=staff, summary=words)


def clear(kind: str, ref: str) -> None:
    """It is over by itself."""
    Concern.objects.filter(kind=kind, ref=ref, resolved_at=None).update(resolved_at=clock.now())


def note(kind: Concern.Kind, ref: str, *, payment: Payment | None = None, **words: object) -> Concern:
    """Note it unless it is known; a known one keeps its state."""
    stored = payment if payment and payment.pk else None
    defaults = {"payment": stored, "payable": payment.payable if payment else ""} | words
    concern, _ = Concern.objects.get_or_create(kind=kind, ref=ref, defaults=defaults)
    return concern


def note_mismatch(payment: Payment, truth: "Truth") -> None:
    """Stripe's amount or currency is another one than ours: nothing is booked until somebody says so."""
    amount, currency = truth.received or truth.asked or (0, payment.currency)
    asked = format_money(payment.minor, payment.currency)
    words = f"We asked for {asked}, at Stripe it is {_shown(amount, currency.upper())}."
    note(Concern.Kind.MISMATCH, str(payment.uid), payment=payment, note=words, currency=currency.upper())


def _shown(amount: int, currency: str) -> str:
    try:
        return format_money(from_stripe(amount, currency), currency)
    except ValueError:  # decimals where the currency has none
        return f"{amount} {currency} (in Stripe's units)"


def note_disputes(payment: Payment, truth: "Truth") -> None:
    """One concern for each dispute, until it is over; one for each refund that came back."""
    words: dict[str, object]
    for dispute in truth.disputes:
        minor = from_stripe(dispute.amount, payment.currency)
        words = {"note": _of(dispute), "minor": minor}
        # Also if it is over: an older look that comes after must find that it was.
        known = note(Concern.Kind.DISPUTE, dispute.id, payment=payment, currency=payment.currency, **words)
        if dispute.is_over:
            Concern.objects.filter(pk=known.pk).update(note=_of(dispute))
            clear(Concern.Kind.DISPUTE, dispute.id)
    for back in truth.movements:
        if back.kind == EntryKind.REFUND_FAILED:
            words = {"note": "The refund did not reach the client: pay it back another way."}
            words |= {"minor": from_stripe(back.amount, payment.currency), "currency": payment.currency}
            note(Concern.Kind.REFUND_FAILED, back.ref, payment=payment, **words)


def _of(dispute: "Dispute") -> str:
    if dispute.is_over:
        return "The bank asked for the money back. That is over."
    until = f" Answer at Stripe until {date_format(dispute.due_by, 'j F Y')}." if dispute.due_by else ""
    return f"The bank asks for the money back.{until}"


def note_excess(payment: Payment, minor: int) -> None:
    """More was paid than is due: refund or credit it. One concern for each payable and amount."""
    kept = Concern.objects.filter(kind=Concern.Kind.OVERPAID, payable=payment.payable)
    kept.filter(resolved_at=None).exclude(minor=minor).update(resolved_at=clock.now())
    if minor > 0:
        # What was over by itself begins anew; what a person has seen to does not.
        kept.filter(minor=minor, resolved_by=None).update(resolved_at=None)
        words = {"note": "Refund it, or keep it as a credit.", "minor": minor, "currency": payment.currency}
        note(Concern.Kind.OVERPAID, f"{payment.payable}:{minor}", payment=payment, **words)

"""What modules ask of payments. All amounts are minor units; currencies ISO 4217 in upper case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from kit import clock
from portal.payments import booking, charging, checkout, refunding
from portal.payments.models import EntryKind, LedgerEntry, Payment
from portal.payments.settling import settle
from portal.people.models import Client, Company, Staff

__all__ = ["adopt_intent", "book", "book_transfer", "charge_saved", "refund", "settle", "start_checkout"]


def start_checkout(
    *,
    payable: str,
    minor: int,
    currency: str,
    client: Client,
    label: str,
    parts: Sequence[Any] = (),
    company: Company | None = None,
    save_method: bool = False,
    mandate_words: str = "",
    mandate_version: str = "",
    return_path: str,
) -> Payment:
    """Begin to pay in the portal; lead the client to `payments:pay` with the payment's uid.

    An older attempt at the same payable that is still open ends first. Not inside a transaction: our row is
    committed before Stripe is asked.

    Args:
        company: for whom the client pays, if not for itself; a saved way to pay becomes the company's.
        parts: JSON values that come back on `payment.parts`.
        mandate_words: with `save_method`: what the client agreed to, and which text that was.

    Raises:
        Refused: no cards here, an amount Stripe cannot take, Stripe does not answer, or it is just being paid.
    """
    payment = Payment(
        payable=payable,
        client=client,
        company=company,
        minor=minor,
        currency=currency,
        parts=list(parts),
        label=label[:200],
        save_method=save_method,
        mandate_words=mandate_words,
        mandate_version=mandate_version,
        return_path=return_path,
    )
    return checkout.begin(payment)


def charge_saved(
    *,
    payable: str,
    minor: int,
    currency: str,
    client_or_company: Client | Company,
    label: str,
    parts: Sequence[Any] = (),
    client: Client | None = None,
) -> Payment:
    """Charge the saved way to pay, without the client there. Not inside a transaction.

    A refusal is no error: the payment's state is then "failed", `reason` Stripe's code, e.g. "card_declined",
    "authentication_required" (then send a pay link), "no_method" when nothing is saved. The payable's
    `failed` is called.

    Args:
        client: who agreed, for the ledger; by default the client given, or who saved the company's.
    """
    payment = Payment(
        way=Payment.Way.SAVED,
        payable=payable,
        client=client or (client_or_company if isinstance(client_or_company, Client) else None),
        company=client_or_company if isinstance(client_or_company, Company) else None,
        minor=minor,
        currency=currency,
        parts=list(parts),
        label=label[:200],
    )
    return charging.charge(payment)


def refund(*, payment: Payment, minor: int, reason: str, staff: Staff | None) -> None:
    """Give money back on the card it came from. Not inside a transaction.

    Raises:
        Refused: more than is left of it, or Stripe says no.
    """
    refunding.refund(payment, minor, reason, staff)


def book_transfer(
    *,
    payable: str,
    minor: int,
    currency: str,
    client: Client | None,
    staff: Staff | None,
    note: str = "",
    happened_at: datetime,
    ref: str = "",
) -> LedgerEntry:
    """Money that came (or, negative, went back) outside Stripe.

    Args:
        ref: an id of the caller's that makes it idempotent, e.g. of the form; by default a new one.
    """
    return book(
        EntryKind.TRANSFER,
        payable=payable,
        minor=minor,
        currency=currency,
        client=client,
        staff=staff,
        note=note,
        happened_at=happened_at,
        ref=ref,
    )


def book(
    kind: EntryKind,
    *,
    payable: str,
    minor: int,
    currency: str,
    client: Client | None = None,
    staff: Staff | None = None,
    note: str = "",
    happened_at: datetime | None = None,
    ref: str = "",
) -> LedgerEntry:
    """A movement that is none of Stripe's: credit, write_off, late_fee, adjustment, transfer. Signed: positive
    lessens what is owed."""
    entry = LedgerEntry(
        kind=kind,
        ref=f"{kind}:{ref or uuid4()}",
        payable=payable,
        minor=minor,
        currency=currency,
        client=client,
        staff=staff,
        note=note[:300],
        happened_at=happened_at or clock.now(),
    )
    return booking.write_down(entry)


def adopt_intent(
    *, payable: str, intent_id: str, minor: int, currency: str, client: Client | None, label: str
) -> Payment:
    """Book a payment that Stripe began by itself (a subscription's). Idempotent by `intent_id`."""
    wanted = {"payable": payable, "minor": minor, "currency": currency, "client": client}
    payment, _ = Payment.objects.get_or_create(
        intent_id=intent_id, defaults=wanted | {"way": Payment.Way.ADOPTED, "label": label[:200]}
    )
    return settle(payment.uid)

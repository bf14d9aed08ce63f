"""Where an invoice stands, from its ledger's sums. Pure, so every order of the same entries ends alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models


class State(models.TextChoices):
    """Drafts and scheduled ones are the agency's alone; everything after is the client's, too."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    ISSUED = "issued", "Sent"
    PARTLY_PAID = "partly_paid", "Partly paid"
    PAID = "paid", "Paid"
    REFUNDED = "refunded", "Refunded"
    PARTLY_REFUNDED = "partly_refunded", "Partly refunded"
    CREDITED = "credited", "Credited"
    UNCOLLECTIBLE = "uncollectible", "Uncollectible"
    VOID = "void", "Void"


INSIDE = (State.DRAFT, State.SCHEDULED)
OPEN = (State.ISSUED, State.PARTLY_PAID)


@dataclass(frozen=True)
class Standing:
    """What the entries say. `kept` is what the agency holds of it, `over` what it holds too much."""

    state: State
    owed_minor: int
    kept_minor: int
    due_minor: int
    over_minor: int
    fee_minor: int
    credited_minor: int
    refunded_minor: int
    is_disputed: bool


def sums_by_kind(entries: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Signed sums of (kind, minor)."""
    sums: dict[str, int] = {}
    for kind, minor in entries:
        sums[kind] = sums.get(kind, 0) + minor
    return sums


def standing_of(*, gross_minor: int, is_void: bool, sums: Mapping[str, int]) -> Standing:
    """Read an issued invoice's standing.

    Money that came is positive in the ledger (charge, transfer, a won dispute, a failed refund), money that
    went negative (refund, dispute); what lessens the debt without money is positive (credit, write_off),
    what adds to it negative (late_fee).

    A refund of what was paid too much changes nothing else. A refund beyond that does not make the client
    owe again once all had been paid: the agency chose to give it back.
    """
    fees, credited, written_off = -_of(sums, "late_fee"), _of(sums, "credit"), _of(sums, "write_off")
    refunded = -_of(sums, "refund", "refund_failed")
    disputed = -_of(sums, "dispute", "dispute_won")
    got = _of(sums, "charge", "transfer", "adjustment") - disputed
    kept = got - refunded
    owed = 0 if is_void else gross_minor + fees - credited
    if got >= owed:
        due, over = 0, max(0, kept - owed)
    else:
        due, over = max(0, owed - kept), 0
    if written_off > 0:
        due = max(0, due - written_off)
    state = _state(
        is_void=is_void,
        owed=owed,
        got=got,
        kept=kept,
        given_up=written_off > 0,
        credited=credited,
        given_back=refunded - max(0, got - owed),
    )
    return Standing(state, owed, kept, due, over, fees, credited, refunded, disputed > 0)


def _of(sums: Mapping[str, int], *kinds: str) -> int:
    return sum(sums.get(kind, 0) for kind in kinds)


def _state(
    *, is_void: bool, owed: int, got: int, kept: int, given_up: bool, credited: int, given_back: int
) -> State:
    if is_void:
        return State.VOID
    if got >= owed:
        if given_back > 0:
            return State.PARTLY_REFUNDED if kept > 0 else State.REFUNDED
        return State.CREDITED if credited > 0 and owed <= 0 else State.PAID
    if given_up:
        return State.UNCOLLECTIBLE
    return State.PARTLY_PAID if kept > 0 else State.ISSUED

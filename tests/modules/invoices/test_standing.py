"""States from ledger sums, whatever happened in whatever order."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from modules.invoices.models.standing import Standing, State, standing_of, sums_by_kind

KINDS = ("charge", "transfer", "refund", "refund_failed", "dispute", "dispute_won", "credit", "late_fee")


def of(*entries: tuple[str, int], gross: int = 100, void: bool = False) -> Standing:
    return standing_of(gross_minor=gross, is_void=void, sums=sums_by_kind(entries))


def short(standing: Standing) -> tuple[str, int, int]:
    return standing.state, standing.due_minor, standing.over_minor


def test_from_issued_to_paid() -> None:
    assert short(of()) == (State.ISSUED, 100, 0)
    assert short(of(("charge", 40))) == (State.PARTLY_PAID, 60, 0)
    assert short(of(("charge", 40), ("transfer", 60))) == (State.PAID, 0, 0)
    assert short(of(gross=0)) == (State.PAID, 0, 0)


def test_paid_twice_is_over_until_it_is_refunded() -> None:
    twice = (("charge", 100), ("charge", 100))
    assert short(of(*twice)) == (State.PAID, 0, 100)
    assert short(of(*twice, ("refund", -100))) == (State.PAID, 0, 0)


def test_a_refund_is_not_owed_again() -> None:
    assert short(of(("charge", 100), ("refund", -30))) == (State.PARTLY_REFUNDED, 0, 0)
    assert short(of(("charge", 100), ("refund", -100))) == (State.REFUNDED, 0, 0)
    assert short(of(("charge", 100), ("refund", -100), ("refund_failed", 100))) == (State.PAID, 0, 0)


def test_a_refund_of_a_part_that_was_paid_opens_it_again() -> None:
    assert short(of(("charge", 60), ("refund", -60))) == (State.ISSUED, 100, 0)


def test_a_dispute_opens_it_and_a_won_one_closes_it() -> None:
    lost = of(("charge", 100), ("dispute", -100))
    assert short(lost) == (State.ISSUED, 100, 0) and lost.is_disputed
    won = of(("charge", 100), ("dispute", -100), ("dispute_won", 100))
    assert short(won) == (State.PAID, 0, 0) and not won.is_disputed


def test_credit_notes_lessen_the_debt() -> None:
    assert short(of(("credit", 30))) == (State.ISSUED, 70, 0)
    assert short(of(("credit", 30), ("charge", 70))) == (State.PAID, 0, 0)
    assert short(of(("credit", 100))) == (State.CREDITED, 0, 0)
    assert short(of(("charge", 100), ("credit", 100))) == (State.CREDITED, 0, 100)
    assert short(of(("charge", 100), ("credit", 100), ("refund", -100))) == (State.CREDITED, 0, 0)


def test_a_late_fee_is_owed_until_it_is_waived() -> None:
    assert short(of(("late_fee", -5), ("charge", 100))) == (State.PARTLY_PAID, 5, 0)
    assert short(of(("late_fee", -5), ("charge", 100), ("late_fee", 5))) == (State.PAID, 0, 0)


def test_what_is_written_off_and_paid_after_all_is_paid() -> None:
    assert short(of(("write_off", 100))) == (State.UNCOLLECTIBLE, 0, 0)
    assert short(of(("write_off", 100), ("charge", 100))) == (State.PAID, 0, 0)


def test_money_that_comes_after_void_is_too_much() -> None:
    assert short(of(("charge", 100), void=True)) == (State.VOID, 0, 100)


def test_every_order_ends_alike() -> None:
    entries = [("charge", 60), ("charge", 60), ("refund", -20), ("dispute", -60), ("dispute_won", 60)]
    assert len({of(*order) for order in itertools.permutations(entries)}) == 1


@given(
    st.integers(0, 10**9), st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 10**9))), st.booleans()
)
def test_nobody_owes_and_is_owed_at_once(gross: int, moves: list[tuple[str, int]], void: bool) -> None:
    signed = [(k, -n if k in ("refund", "dispute", "late_fee") else n) for k, n in moves]
    standing = of(*signed, gross=gross, void=void)
    assert standing.due_minor >= 0 and standing.over_minor >= 0
    assert not (standing.due_minor and standing.over_minor)

"""What lines come to, for any lines."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from modules.invoices.models.arithmetic import PricedLine, Sums, Tax, add_up, spread, whole

VAT, REDUCED = Tax(Decimal(19), "VAT", "S"), Tax(Decimal(7), "VAT", "S")
taxes = st.sampled_from([Tax(), VAT, REDUCED, Tax(Decimal("8.875"), "Sales tax", "S")])
percents = st.decimals(0, 100, places=2)
lines = st.lists(
    st.builds(
        PricedLine,
        quantity=st.decimals(0, 999, places=3),
        unit_minor=st.integers(0, 10_000_000),
        tax=taxes,
        tax_included=st.booleans(),
        discount_percent=percents,
    ),
    max_size=12,
)


def line(minor: int, quantity: str = "1", tax: Tax = VAT, *, gross: bool = False) -> PricedLine:
    return PricedLine(Decimal(quantity), minor, tax, gross)


def figures(sums: Sums) -> tuple[int, int, int]:
    return sums.net_minor, sums.tax_minor, sums.gross_minor


def test_tax_on_top_and_tax_inside_meet() -> None:
    assert figures(add_up([line(100_00)])) == (100_00, 19_00, 119_00)
    assert figures(add_up([line(119_00, gross=True)])) == (100_00, 19_00, 119_00)


def test_a_price_with_tax_stays_to_the_cent() -> None:
    for minor in range(1, 400):
        assert add_up([line(minor, gross=True)]).gross_minor == minor


def test_tax_is_reckoned_once_for_each_rate_not_for_each_line() -> None:
    # 19 % of 0.03 is 0.0057: nothing on one line, a cent on two.
    assert add_up([line(3), line(3)]).tax_minor == 1


def test_two_rates_are_two_sums() -> None:
    sums = add_up([line(100_00), line(50_00, tax=REDUCED)])
    assert [(one.tax.percent, one.base_minor, one.tax_minor) for one in sums.taxes] == [
        (Decimal(19), 100_00, 19_00),
        (Decimal(7), 50_00, 3_50),
    ]


def test_halves_go_away_from_zero() -> None:
    assert [whole(Decimal(text)) for text in ("0.5", "1.5", "-0.5", "2.4999")] == [1, 2, -1, 2]


def test_yen_dinar_and_krona_are_whole_units_of_their_own() -> None:
    # ¥1,000 with 10 %, KD 1.234 with 5 %, 999 kr. with 24 %: no decimals are lost or made up.
    ten, five, iceland = (Tax(Decimal(p), "T", "S") for p in (10, 5, 24))
    assert figures(add_up([line(1000, tax=ten)])) == (1000, 100, 1100)
    assert figures(add_up([line(1234, tax=five)])) == (1234, 62, 1296)
    assert figures(add_up([line(999, tax=iceland)])) == (999, 240, 1239)


def test_a_discount_on_the_whole_lessens_every_rate() -> None:
    sums = add_up([line(100_00), line(100_00, tax=REDUCED)], discount_percent=Decimal(10))
    assert [one.base_minor for one in sums.taxes] == [90_00, 90_00] and sums.discount_minor == 20_00


@given(lines, percents)
def test_all_sums_agree(given_lines: list[PricedLine], discount: Decimal) -> None:
    sums = add_up(given_lines, discount_percent=discount)
    assert sums.net_minor + sums.tax_minor == sums.gross_minor
    assert sum(one.net_minor for one in sums.lines) == sums.net_minor
    assert sum(one.base_minor for one in sums.taxes) == sums.net_minor
    assert sum(one.tax_minor for one in sums.taxes) == sums.tax_minor
    assert sum(one.full_minor - one.discount_minor for one in sums.lines) == sum(
        one.amount_minor for one in sums.lines
    )
    assert sums.gross_minor >= 0


@given(lines)
def test_gross_prices_add_up_to_the_gross(given_lines: list[PricedLine]) -> None:
    inside = [PricedLine(x.quantity, x.unit_minor, x.tax, True, x.discount_percent) for x in given_lines]
    sums = add_up(inside)
    assert sums.gross_minor == sum(one.amount_minor for one in sums.lines)


@given(lines)
def test_each_rates_tax_is_what_the_norm_allows(given_lines: list[PricedLine]) -> None:
    """EN 16931, BR-CO-17, with the tolerance of its schematron: one whole unit."""
    for one in add_up(given_lines).taxes:
        assert abs(one.base_minor * one.tax.percent / 100 - one.tax_minor) < 100


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_what_is_spread_is_exact(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total and len(parts) == len(weights)
    if sum(weights):
        exact = [Decimal(total) * weight / sum(weights) for weight in weights]
        assert all(abs(part - share) <= 1 for part, share in zip(parts, exact, strict=True))

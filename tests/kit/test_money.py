"""Money: whole minor units, exact sums, every exponent, and what people type."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import (
    AmbiguousAmount,
    Money,
    exponent,
    format_money,
    from_stripe,
    parse_money,
    split,
    to_stripe,
)

CURRENCIES = st.sampled_from(["EUR", "USD", "GBP", "JPY", "KRW", "ISK", "UGX", "KWD", "TND", "CHF"])
AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)


@given(AMOUNTS, st.integers(min_value=1, max_value=400))
def test_parts_add_up_exactly_and_only_the_first_differs(minor: int, n: int) -> None:
    parts = split(minor, n)
    assert len(parts) == n and sum(parts) == minor
    assert len(set(parts[1:])) <= 1 and abs(parts[0]) >= abs(parts[-1])
    assert sum((p for p in Money(minor, "EUR").split(n)), Money(0, "EUR")) == Money(minor, "EUR")


@given(AMOUNTS, CURRENCIES, st.sampled_from(["en", "de", "fr", "es"]))
def test_what_is_written_is_read_back_unless_it_could_mean_two_things(
    minor: int, currency: str, language: str
) -> None:
    written = format_money(minor, currency, language)
    try:
        read = parse_money(written, currency)
    except ValueError:
        assert exponent(currency) == 3 and language != "en"
    else:
        assert read == minor


@given(AMOUNTS, CURRENCIES)
def test_the_way_to_stripe_and_back_changes_nothing(minor: int, currency: str) -> None:
    minor -= minor % 10 if exponent(currency) == 3 else 0
    assert from_stripe(to_stripe(minor, currency), currency.lower()) == minor


# https://docs.stripe.com/currencies#zero-decimal, written down a second time.
WITHOUT_DECIMALS = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG"] + [
    "RWF",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
WITH_THREE = ["BHD", "JOD", "KWD", "OMR", "TND"]


@pytest.mark.parametrize("currency", WITHOUT_DECIMALS)
def test_yen_and_its_like_go_to_stripe_as_they_are(currency: str) -> None:
    assert (exponent(currency), to_stripe(500, currency)) == (0, 500)


@pytest.mark.parametrize("currency", WITH_THREE)
def test_dinars_have_three_decimals_and_the_last_is_zero(currency: str) -> None:
    assert (exponent(currency), to_stripe(5120, currency)) == (3, 5120)
    with pytest.raises(ValueError, match="last decimal"):
        to_stripe(5121, currency)


@pytest.mark.parametrize("currency", ["ISK", "UGX"])
def test_kronur_and_shillings_go_to_stripe_with_two_zeros(currency: str) -> None:
    assert (exponent(currency), to_stripe(500, currency), from_stripe(50_000, currency)) == (0, 50_000, 500)


def test_currencies_have_their_own_exponents_and_stripe_its_special_cases() -> None:
    assert [exponent(c) for c in ("EUR", "JPY", "KWD", "ISK", "UGX")] == [2, 0, 3, 0, 0]
    assert [to_stripe(500, c) for c in ("EUR", "JPY", "KWD", "ISK", "UGX")] == [500, 500, 500, 50000, 50000]
    with pytest.raises(ValueError, match="last decimal"):
        to_stripe(5124, "KWD")
    with pytest.raises(ValueError, match="whole"):
        from_stripe(50050, "isk")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.50", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("12,5", "EUR", 1250),
        ("€ 12", "EUR", 1200),
        ("12 EUR", "EUR", 1200),
        ("-3.00", "USD", -300),
        ("1.500", "JPY", 1500),
        ("1,500", "JPY", 1500),
        ("1.500", "KWD", 1500),
        ("0,500", "KWD", 500),
        ("1,234.567", "KWD", 1234567),
        (".5", "EUR", 50),
        ("1 234,50", "EUR", 123450),
        ("1'234.50", "CHF", 123450),
        ("1.234.567", "EUR", 123456700),
        ("12 345", "EUR", 1234500),
        ("1\u202f234,50\u00a0€", "EUR", 123450),
    ],
)
def test_people_type_amounts_in_many_ways(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"), ("abc", "EUR"), ("1.2.3", "EUR"), ("1,23,456", "EUR"), ("1.2345", "EUR"), ("1.5", "JPY"),
        ("--1", "EUR"), ("1e5", "EUR"), ("٣", "EUR"), ("9" * 30, "EUR"), ("NaN", "EUR"), ("12 34", "EUR"),
        ("1.234 567", "EUR"), ("0.345", "EUR"), ("1234.567", "EUR"), ("1,234.567", "EUR"), ("0.345", "JPY"),
    ],
)  # fmt: skip
def test_what_is_no_amount_or_could_be_two_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_money(text, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("12.345", "EUR"), ("1,234", "EUR"), ("€1.000", "EUR"), ("-9,999", "USD"), ("1,500", "KWD")],
)
def test_what_could_be_a_thousand_times_as_much_is_asked_about(text: str, currency: str) -> None:
    with pytest.raises(AmbiguousAmount, match=r"Is that .+ or .+\? Write the decimals"):
        parse_money(text, currency)


@given(
    st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=999), st.sampled_from(".,")
)
def test_the_answer_to_that_question_is_read_as_it_was_meant(whole: int, rest: int, sign: str) -> None:
    with pytest.raises(AmbiguousAmount) as asked:
        parse_money(f"{whole}{sign}{rest:03d}", "EUR")
    proposed = str(asked.value).rpartition("e.g. ")[2].rstrip(".")
    assert parse_money(proposed, "EUR") == int(f"{whole}{rest:03d}") * 100


@given(st.text(max_size=20), CURRENCIES)
def test_any_text_is_an_amount_or_a_value_error(text: str, currency: str) -> None:
    with suppress(ValueError):
        assert isinstance(parse_money(text, currency), int)


def test_money_of_two_currencies_does_not_add_up_and_floats_are_no_money() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a currency"):
        Money(1, "eur")
    assert 2 * Money(3, "EUR") - Money(1, "EUR") == Money(5, "EUR")


def test_languages_write_amounts_their_way() -> None:
    assert format_money(123450, "EUR", "en") == "€1,234.50"
    assert format_money(123450, "EUR", "de") == "1.234,50\u00a0€"
    assert format_money(-123450, "EUR", "fr") == "\u22121\u202f234,50\u00a0€"
    assert format_money(1500, "JPY") == "¥1,500"
    assert format_money(5, "KWD") == "KWD\u00a00.005"

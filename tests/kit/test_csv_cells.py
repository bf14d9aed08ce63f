"""No text in a table becomes a formula in whoever's spreadsheet."""

from decimal import Decimal

import pytest

from kit.csv_cells import FORMULAS, csv_text, harmless


@pytest.mark.parametrize("begin", [*FORMULAS, " =", "\ufeff@", "  ＋"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(begin: str) -> None:
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert csv_text([[-5, Decimal("-1.50"), None, True, "plain, text"]]) == '-5,-1.50,,True,"plain, text"\r\n'

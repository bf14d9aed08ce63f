"""Tables for other programs: the one place that makes text harmless in a spreadsheet."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO
from typing import Any

BOM = "\ufeff"
# Programs for tables take these for the beginning of a formula; the last four are the first four, as wide as
# a Chinese letter.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(cell: Any) -> str:
    """A cell as text. Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers.

    Source: OWASP, CSV injection.
    """
    if isinstance(cell, int | Decimal | float) and not isinstance(cell, bool):
        return str(cell)
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" \ufeff")[:1] in FORMULAS else text


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as CSV (RFC 4180), every cell harmless."""
    text = StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()

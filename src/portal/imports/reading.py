"""A CSV file from somewhere: encoding, separator and columns are found, not asked for."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from kit.refused import Refused

LIMIT_BYTES = 10 * 1024**2
MOST_ROWS = 20_000
MOST_COLUMNS = 60
CELL_LENGTH = 2000
SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class ReadFile:
    """What is in the file."""

    encoding: str
    separator: str
    head: list[str]
    rows: list[list[str]]


def read(content: bytes) -> ReadFile:
    """The rows of a CSV file with their head.

    Raises:
        Refused: empty, too large, no text, no second row or too many; in words for the person.
    """
    if len(content) > LIMIT_BYTES:
        raise Refused("This file is larger than 10 MB. Split it in two.", field="file")
    text, encoding = _decoded(content)
    separator = _separator(text)
    csv.field_size_limit(1024**2)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Refused(f"This file cannot be read as a table: {error}.", field="file") from error
    # Row numbers are those that a spreadsheet shows: empty lines count.
    if len(lines) < 2 or not any(cell.strip() for cell in lines[0]):
        raise Refused("We need a first row with the columns’ names, and a row for each client.", field="file")
    if len(lines) > MOST_ROWS + 1:
        raise Refused(
            f"This file has {len(lines) - 1} rows. At most {MOST_ROWS} fit into one import.", field="file"
        )
    head = [cell.strip()[:100] for cell in lines[0]]
    if len(head) > MOST_COLUMNS:
        raise Refused(
            f"This file has {len(head)} columns. Take away those that you do not need.", field="file"
        )
    return ReadFile(
        encoding, separator, head, [[cell.strip()[:CELL_LENGTH] for cell in row] for row in lines[1:]]
    )


def _decoded(content: bytes) -> tuple[str, str]:
    if not content.strip():
        raise Refused("This file is empty. Choose another one.", field="file")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        names = ["utf-16"]
    elif b"\x00" in content:
        raise Refused("This is no CSV file. In your spreadsheet, save it as “CSV UTF-8”.", field="file")
    else:
        # What is no UTF-8 comes from Excel in the west; latin-1 takes the five bytes that cp1252 does not know.
        names = ["utf-8-sig", "cp1252", "latin-1"]
    for name in names:
        try:
            return content.decode(name).replace("\x00", ""), name.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise Refused("The letters in this file cannot be read. Save it as “CSV UTF-8”.", field="file")


def _separator(text: str) -> str:
    best, score = ",", (0, 0)
    for one in SEPARATORS:
        try:
            lines = islice(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=one), 50)
            widths = Counter(len(row) for row in lines if row)
        except csv.Error:
            continue
        width, agreeing = widths.most_common(1)[0] if widths else (0, 0)
        if width > 1 and (agreeing, width) > score:
            best, score = one, (agreeing, width)
    return best

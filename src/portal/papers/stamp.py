"""A stamp of a few lines, to be drawn over the pages of a file."""

import json
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import typst

from portal.papers.fonts import families, fonts
from portal.papers.letters import one_line

_TEMPLATE = (Path(__file__).parent / "stamp.typ").read_bytes()
# A longer line would have to be drawn too small to be read.
_LONGEST_LINE, _MOST_LINES = 34, 3
_KEPT = 64


def stamp(lines: Sequence[str], language: str) -> bytes:
    """A PDF of one square page with these lines, in letters of any script. A long one is broken, a longer one cut."""
    broken = [part for line in lines for part in _broken(one_line(line))]
    return _drawn(tuple(broken), language)


def _broken(line: str) -> list[str]:
    return textwrap.wrap(line, _LONGEST_LINE, max_lines=_MOST_LINES, placeholder=" …")


# The pages of one file are asked for one after another: all bear the same stamp.
@lru_cache(maxsize=_KEPT)
def _drawn(lines: tuple[str, ...], language: str) -> bytes:
    inputs = {"lines": lines, "fonts": families(language, " ".join(lines))}
    sheet = json.dumps(inputs, ensure_ascii=False)
    written = typst.Compiler(_TEMPLATE, font_paths=fonts(), sys_inputs={"stamp": sheet}).compile(format="pdf")
    assert isinstance(written, bytes)
    return written

"""Text of people as a paper can carry it."""

import re
import unicodedata

# What XML 1.0 allows (https://www.w3.org/TR/xml/#charsets) without tabs, and without the lone surrogates
# that UTF-8 cannot hold.
_FORBIDDEN = re.compile("[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Marks that turn the order of what follows: a name could otherwise rewrite the amount beside it.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def plain(text: str) -> str:
    """`text` without what a paper cannot show: control characters, marks of direction, stray surrogates.

    Lines end with a line feed; everything is in Unicode's composed form, which fonts know best.
    """
    text = _ENDS.sub("\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _TURNING.sub("", _FORBIDDEN.sub("", text))).strip()


def one_line(text: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(plain(text).split())

"""Marks for an agency that has not uploaded any: its initial on its accent."""

from django.utils.html import escape

from kit.color import parse_hex
from ui.theme import theme

_FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    '<rect width="64" height="64" rx="16" fill="{fill}"/>'
    '<text x="32" y="33" fill="{words}" font-family="Inter,system-ui,sans-serif" font-size="{size}" '
    'font-weight="700" text-anchor="middle" dominant-baseline="central">{letters}</text></svg>'
)


def initials_mark(name: str, *, letters: int = 1) -> str:
    """The first letters of the first and last word, upper case: "Northwind Studio" is N, or NS with two.

    A name without a letter or digit gives "•".
    """
    words = [word for word in ("".join(filter(str.isalnum, part)) for part in name.split()) if word]
    if not words:
        return "•"
    picked = [words[0]] if letters == 1 or len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in picked)[:letters].upper()


def default_favicon(name: str, accent: str) -> str:
    """An SVG document: the initial on the accent. Raises ValueError when `accent` is no hex colour."""
    fill = parse_hex(accent)
    words = theme(fill).light.on_fill
    return _FAVICON.format(fill=fill, words=words, size=38, letters=escape(initials_mark(name)))

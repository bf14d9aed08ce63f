"""The words of a mail as they are written: `{{ name }}` and parts in `[[double brackets]]`.

Not a template language: names are looked up in a flat table of values, once. A part in double brackets is
left out when a placeholder in it is empty; `[[name: words]]` and `[[not name: words]]` show by a yes or no,
or by whether a placeholder has something to say.
A line of nothing but empty placeholders is left out too.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.module import Placeholder

PLACEHOLDER = re.compile(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}")
ANY_BRACES = re.compile(r"\{\{((?:(?!\{\{)[^\n])*?)\}\}")
_PART = re.compile(r"\[\[(?P<words>.*?)\]\](?!\])", re.DOTALL)
_CONDITION = re.compile(r"^(?P<negated>not )?(?P<name>[A-Za-z_][A-Za-z0-9_]*):[ \t]?")
_MARKS_ONLY = re.compile(r"^[>\-*~#\s]*$")

Known = Mapping[str, Placeholder]


class Part:
    """One part in double brackets: its words, and on what it depends."""

    def __init__(self, source: str, known: Known) -> None:
        found = _CONDITION.match(source)
        self.asked = found["name"] if found else ""
        self.flag = self.asked if self.asked in known else ""
        self.negated = bool(self.flag and found and found["negated"])
        self.words = source[found.end() :] if self.flag and found else source

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether these values let it show."""
        if self.flag:
            return _has_value(self.flag, values) != self.negated
        return all(_has_value(name, values) for name in PLACEHOLDER.findall(self.words))


def parts_of(source: str, known: Known) -> Iterator[Part]:
    """Every part in double brackets."""
    for found in _PART.finditer(source):
        yield Part(found["words"], known)


def without_parts(source: str) -> str:
    """What always shows."""
    return _PART.sub("", source)


def all_shown(source: str, known: Known) -> str:
    """The source with every part showing."""
    return _PART.sub(lambda found: Part(found["words"], known).words, source)


def choose(source: str, values: Mapping[str, Any], known: Known) -> str:
    """The source as it applies to these values; placeholders still stand in it."""

    def chosen(found: re.Match[str]) -> str:
        part = Part(found["words"], known)
        return part.words if part.applies(values) else ""

    lines = _PART.sub(chosen, source).split("\n")
    return "\n".join(line for line in lines if not _says_nothing(line, values))


def fill_line(source: str, values: Mapping[str, Any], known: Known) -> str:
    """One line of plain words, e.g. a subject: no line break and no control sign gets into it."""
    filled = PLACEHOLDER.sub(lambda found: str(values.get(found[1], "")), choose(source, values, known))
    return one_line(filled)


def one_line(words: Any) -> str:
    """Words without line breaks, control signs and marks that turn the direction of writing around."""
    shown = "".join(sign if sign.isprintable() or sign.isspace() else "" for sign in str(words))
    return " ".join(shown.split())


def _has_value(name: str, values: Mapping[str, Any]) -> bool:
    value = values.get(name, "")
    return (
        bool(value.strip())
        if isinstance(value, str)
        else value is not False and value is not None and value != []
    )


def _says_nothing(line: str, values: Mapping[str, Any]) -> bool:
    if not line.strip():
        return False
    names = PLACEHOLDER.findall(line)
    if any(_has_value(name, values) for name in names):
        return False
    return bool(_MARKS_ONLY.match(PLACEHOLDER.sub("", line)))

"""Words with placeholders, `Hello {{ first_name }}`: checked when they are typed, filled when they are used."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms

_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class WordsField(forms.CharField):
    """A text that may hold placeholders; the editor says which, and refuses others."""


def names_in(text: str) -> list[str]:
    """The placeholders of a text, in their order, each once."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def what_is_wrong(text: str, known: Collection[str]) -> str:
    """Why these words cannot be used, in words; "" when they can."""
    strange = [name for name in names_in(text) if name not in known]
    if strange:
        wanted = ", ".join(f"{{{{ {name} }}}}" for name in known)
        return f"There is no “{strange[0] or 'empty'}” here. You can use {wanted}."
    if "{{" in _PLACE.sub("", text) or "}}" in _PLACE.sub("", text):
        return "A placeholder is not closed. Write it with two braces on each side, e.g. {{ first_name }}."
    return ""


def readable(text: str) -> str:
    """For people who look at the words themselves: `[first name]` instead of `{{ first_name }}`."""
    return _PLACE.sub(lambda found: f"[{found.group(1).replace('_', ' ')}]", text)


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with each placeholder replaced; one without a value leaves nothing."""
    return _PLACE.sub(lambda found: str(values.get(found.group(1)) or ""), text)

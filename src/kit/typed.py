"""What people typed, on its way into a row: trimmed, storable, within what the columns demand."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from kit.refused import NotValid


def text_of(words: str, *, field: str = "text", demand: str = "", longest: int = 10_000) -> str:
    """A text that somebody wrote, trimmed.

    Raises:
        NotValid: it is longer than `longest` characters or holds what the database cannot; or it is empty
            and `demand` says that it may not be.
    """
    text = storable(words.strip(), field)
    if len(text) > longest:
        raise NotValid(f"Please keep it under {longest:,} characters.", field=field)
    if not text and demand:
        raise NotValid(demand, field=field)
    return text


def storable(text: str, field: str) -> str:
    """The text as it is.

    Raises:
        NotValid: it holds what the database cannot (U+0000).
    """
    if "\x00" in text:
        raise NotValid("This holds a character that cannot be stored.", field=field)
    return text


def apply(row: models.Model, fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set fields on an unsaved row; what changed, as the audit log keeps it: field → [before, after].

    Raises:
        NotValid: a text holds what the database cannot.
    """
    change = {}
    for name, given in fields.items():
        value = storable(given.strip(), name) if isinstance(given, str) else given
        before = getattr(row, name)
        if value != before:
            setattr(row, name, value)
            change[name] = [_plain(before), _plain(value)]
    return change


def check_fields(row: models.Model, names: Collection[str]) -> None:
    """What the columns themselves demand: length, choice, range, not empty.

    Raises:
        NotValid: with the first field's words.
    """
    others = [field.name for field in row._meta.fields if field.name not in names or field.is_relation]
    try:
        row.clean_fields(exclude=others)
    except ValidationError as error:
        field, errors = next(iter(error.message_dict.items()))
        raise NotValid(errors[0], field=field) from error


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)

"""The refusals that all operations of projects share."""

from collections.abc import Collection, Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import models

from kit.refused import Refused
from modules.projects.models import Project
from portal.audit.models import AuditEntry
from portal.http import Request

LONGEST_TEXT = 10_000


class Trail(TypedDict, total=False):
    """Where a change came in, for the audit log: pages pass their request, the API its door."""

    via: AuditEntry.Actor
    request: Request


class NotValid(Refused):
    """A field holds what it may not hold."""


class ArchivedProject(Refused):
    """An archived project is only read."""

    words = "This project is archived. Restore it first, then change it."


def lock(project: Project) -> Project:
    """The project's row as it is now, held until the transaction ends.

    Every change takes it first, so that two people who change one project queue up here and none writes
    into a project that was archived a moment ago.

    Raises:
        ArchivedProject: nothing may be changed.
    """
    locked: Project = Project.objects.select_for_update().get(pk=project.pk)
    if locked.is_archived:
        raise ArchivedProject
    return locked


def apply(row: models.Model, fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set fields on an unsaved row; what changed, as the audit log keeps it: field → [before, after].

    Raises:
        NotValid: a text holds what the database cannot.
    """
    change = {}
    for name, value in fields.items():
        value = _storable(value.strip(), name) if isinstance(value, str) else value
        before = getattr(row, name)
        if value != before:
            setattr(row, name, value)
            change[name] = [_plain(before), _plain(value)]
    return change


def check_fields(row: models.Model, names: Collection[str]) -> None:
    """What the columns themselves demand: length, choice, not empty.

    Raises:
        NotValid: with the first field's words.
    """
    others = [field.name for field in row._meta.fields if field.name not in names or field.is_relation]
    try:
        row.clean_fields(exclude=others)
    except ValidationError as error:
        field, errors = next(iter(error.message_dict.items()))
        raise NotValid(errors[0], field=field) from error


def text_of(words: str, *, field: str = "text") -> str:
    """A text that somebody wrote, trimmed.

    Raises:
        NotValid: it is empty, or longer than anybody reads.
    """
    text = words.strip()
    if not text:
        raise NotValid("Write something first.", field=field)
    if len(text) > LONGEST_TEXT:
        raise NotValid(f"This is longer than {LONGEST_TEXT:,} characters. Shorten it.", field=field)
    return _storable(text, field)


def _storable(text: str, field: str) -> str:
    if "\x00" in text:
        raise NotValid("This holds a character that cannot be stored.", field=field)
    return text


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)

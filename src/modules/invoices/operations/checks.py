"""The refusals that operations share, and the row that all of them hold first."""

from collections.abc import Collection, Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import models

from kit.refused import Refused
from modules.invoices.models import INSIDE, Invoice
from portal.audit.models import AuditEntry
from portal.http import Request

LARGEST = 10**14  # minor units; sums of many stay far from the column's end


class Trail(TypedDict, total=False):
    """Where a change came in, for the audit log: pages pass their request, the API its door."""

    via: AuditEntry.Actor
    request: Request


class NotValid(Refused):
    """A field holds what it may not hold."""


class NotAllowed(Refused):
    """This person may not do this."""

    words = "You may look at this, but paying is with others of your company."


class Issued(Refused):
    """The invoice is out, so its content stays."""

    words = "This invoice is issued, so it stays as it is. Correct it with a credit note."


class NotIssued(Refused):
    """This makes sense only after issue."""

    words = "This is still a draft. Issue it first."


class WrongState(Refused):
    """The invoice is not in a state in which this makes sense."""


def hold(invoice: Invoice) -> Invoice:
    """The invoice as it is now, held until the transaction ends.

    Every change takes this row first, before the counter of numbers and before the audit log, so that two
    at once queue up here and never wait for one another in a circle.
    """
    held: Invoice = (
        Invoice.objects.select_for_update(of=("self",)).select_related("company", "client").get(pk=invoice.pk)
    )
    return held


def hold_draft(invoice: Invoice) -> Invoice:
    """The same, of one that may still be changed.

    Raises:
        Issued: it has a number.
    """
    held = hold(invoice)
    if held.state not in INSIDE:
        raise Issued
    return held


def hold_issued(invoice: Invoice) -> Invoice:
    """The same, of one that is out.

    Raises:
        NotIssued: it is a draft.
    """
    held = hold(invoice)
    if held.state in INSIDE:
        raise NotIssued
    return held


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


def reason_of(words: str, *, field: str = "reason") -> str:
    """Why something was done, trimmed.

    Raises:
        NotValid: empty, too long, or not storable.
    """
    text = storable(words.strip(), field)
    if not text:
        raise NotValid("Say why in a few words.", field=field)
    if len(text) > 200:
        raise NotValid("Please keep it under 200 characters.", field=field)
    return text


def amount_of(minor: int, *, field: str = "minor") -> int:
    """An amount above nothing.

    Raises:
        NotValid: it is nothing, negative, or more than anybody owes.
    """
    if minor <= 0:
        raise NotValid("Write an amount above zero.", field=field)
    if minor > LARGEST:
        raise NotValid("This amount is too large.", field=field)
    return minor


def storable(text: str, field: str) -> str:
    """The text as it is.

    Raises:
        NotValid: it holds what the database cannot.
    """
    if "\x00" in text:
        raise NotValid("This holds a character that cannot be stored.", field=field)
    return text


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)

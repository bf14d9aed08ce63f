"""The agency's own fields: defined, and their values read, checked and shown. Values are JSON, by the field's id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.formats import date_format

from kit import clock
from kit.refused import NotValid, Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people.models import Client, Company, Staff
from portal.records.models import CustomField, FieldQuerySet
from ui.forms import DateInput

MOST_FIELDS = 40
TEXT_LENGTH = 500
DECIMALS = 10
Kind = CustomField.Kind
Value = str | bool | None
_YES = frozenset({"yes", "y", "true", "1", "ja", "oui", "sí", "si", "x", "on"})
_NO = frozenset({"no", "n", "false", "0", "nein", "non", "off"})


@dataclass(frozen=True)
class ShownValue:
    """A value in words."""

    field: CustomField
    words: str
    url: str = ""


def fields_of(owner: Client | Company) -> FieldQuerySet:
    """The fields that its page and its form show."""
    about = CustomField.About
    return CustomField.objects.active(about.CLIENT if isinstance(owner, Client) else about.COMPANY)


def read_value(field: CustomField, text: str) -> Value:
    """What was typed, as it is kept: text, a number as text, an ISO day, a choice, a yes or no. None: empty.

    Raises:
        NotValid: it does not fit, in words for the person.
    """
    wanted = text.strip()
    if not wanted:
        return None
    return _READERS[Kind(field.kind)](field, wanted)


def _text(field: CustomField, text: str) -> Value:
    if len(text) > TEXT_LENGTH:
        raise NotValid(f"{field.name}: at most {TEXT_LENGTH} letters.")
    return text


def _number(field: CustomField, text: str) -> Value:
    # 1 234,5 and 1,234.5 are the same number in different countries; 1,234 could be two and is refused.
    plain = text.replace(" ", "").replace("\u00a0", "").replace("'", "")
    last = max(plain.rfind(","), plain.rfind("."))
    if "," in plain and "." in plain:
        plain = plain[:last].replace(",", "").replace(".", "") + "." + plain[last + 1 :]
    elif plain.count(",") == 1 and len(plain) - last - 1 != 3:
        plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise NotValid(f"{field.name}: “{text[:40]}” is no number. Write it like 1234.5.") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise NotValid(f"{field.name}: this number is too large.")
    if -int(number.as_tuple().exponent) > DECIMALS:
        raise NotValid(f"{field.name}: at most {DECIMALS} digits after the point.")
    return f"{number:f}"


def _day(field: CustomField, text: str) -> Value:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise NotValid(f"{field.name}: “{text[:40]}” is no date. Write it like 2026-11-30.") from error


def _choice(field: CustomField, text: str) -> Value:
    for choice in field.choices:
        if choice.casefold() == text.casefold():
            return choice
    raise NotValid(f"{field.name}: “{text[:40]}” is none of {', '.join(field.choices)}.")


def _yes_no(field: CustomField, text: str) -> Value:
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise NotValid(f"{field.name}: write yes or no.")


def _link(field: CustomField, text: str) -> Value:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError as error:
        raise NotValid(f"{field.name}: this is no link. It begins with https://.") from error
    return _text(field, text)


_READERS = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _day,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
    Kind.LINK: _link,
}


def form_field(field: CustomField) -> forms.Field:
    """How a form asks for it. The answer is text for `read_value`."""
    label: dict[str, Any] = {"label": field.name, "required": False}
    if field.kind == Kind.DATE:
        return forms.CharField(widget=DateInput(), **label)
    if field.kind == Kind.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *((one, one) for one in field.choices)], **label)
    if field.kind == Kind.YES_NO:
        return forms.ChoiceField(choices=[("", "–"), ("yes", "Yes"), ("no", "No")], **label)
    length = TEXT_LENGTH if field.kind in (Kind.TEXT, Kind.LINK) else 40
    return forms.CharField(max_length=length, **label)


def typed(field: CustomField, value: Any) -> str:
    """A kept value as it would be typed."""
    if value is None:
        return ""
    if field.kind == Kind.YES_NO:
        return "yes" if value else "no"
    return str(value)


def shown_values(owner: Client | Company) -> list[ShownValue]:
    """What is known, in the agency's order; archived fields and empty ones are left out."""
    kept = [(one, owner.custom.get(str(one.pk))) for one in fields_of(owner)]
    return [_shown(one, value) for one, value in kept if value is not None]


def _shown(field: CustomField, value: Any) -> ShownValue:
    if field.kind == Kind.DATE:
        return ShownValue(field, date_format(date.fromisoformat(value), "j M Y"))
    if field.kind == Kind.YES_NO:
        return ShownValue(field, "Yes" if value else "No")
    return ShownValue(field, str(value), url=str(value) if field.kind == Kind.LINK else "")


@transaction.atomic
def set_values(
    owner: Client | Company, texts: Mapping[int, str], *, by: Staff | None, request: Request | None = None
) -> None:
    """Fill in fields by their ids; an empty text empties. Values of other fields stay.

    Raises:
        NotValid: a value does not fit; `field` is "field_<id>". Nothing is changed then.
    """
    known = {one.pk: one for one in fields_of(owner)}
    fresh: dict[str, Value] = {}
    for pk, text in texts.items():
        if pk not in known:
            raise NotValid("There is no such field.", field=f"field_{pk}")
        try:
            fresh[str(pk)] = read_value(known[pk], text)
        except NotValid as refusal:
            raise NotValid(refusal.words, field=f"field_{pk}") from refusal
    locked = type(owner)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=owner.pk)
    change = {
        known[int(pk)].name: [locked.custom.get(pk), value]
        for pk, value in fresh.items()
        if locked.custom.get(pk) != value
    }
    owner.custom = {pk: value for pk, value in {**locked.custom, **fresh}.items() if value is not None}
    if change:
        owner.save(update_fields=["custom"])
        words = f"{owner}: {', '.join(change)} filled in"
        record("records.fields_set", owner, by=by, summary=words, change=change, request=request)


@transaction.atomic
def define_field(
    *,
    name: str,
    kind: str,
    about: str,
    choices: Sequence[str],
    by: Staff,
    field: CustomField | None = None,
    request: Request | None = None,
) -> CustomField:
    """Add a field, or rename one and change its choices. Kind and what it is about stay as they were made.

    Raises:
        Refused: the name is taken, a choice field without choices, or as many fields as there may be.
    """
    wanted = " ".join(name.split())[:60]
    options = list(dict.fromkeys(" ".join(one.split())[:80] for one in choices if one.strip()))
    made = field or CustomField(kind=kind, about=about)
    if made.kind == Kind.CHOICE and not options:
        raise Refused("Write at least one choice, one on each line.", field="choices")
    same = CustomField.objects.active(made.about).filter(name__iexact=wanted).exclude(pk=made.pk)
    if not wanted or same.exists():
        raise Refused("Choose a name that no other field has.", field="name")
    if field is None and CustomField.objects.active(made.about).count() >= MOST_FIELDS:
        raise Refused(f"There are {MOST_FIELDS} fields already. Archive one first.", field="name")
    made.name, made.choices = wanted, options if made.kind == Kind.CHOICE else []
    if field is None:
        made.position = CustomField.objects.filter(about=about).count()
    made.save()
    verb = "records.field_changed" if field else "records.field_added"
    record(verb, made, by=by, summary=f"Field “{wanted}” {'changed' if field else 'added'}", request=request)
    return made


@transaction.atomic
def archive_field(
    field: CustomField, *, is_archived: bool, by: Staff, request: Request | None = None
) -> None:
    """Take it out of forms and pages, or bring it back; its values stay.

    Raises:
        Refused: another field has the name meanwhile.
    """
    taken = CustomField.objects.active(field.about).filter(name__iexact=field.name).exclude(pk=field.pk)
    if not is_archived and taken.exists():
        raise Refused("Another field has this name now. Rename that one first.")
    field.archived_at = clock.now() if is_archived else None
    field.save(update_fields=["archived_at"])
    words = f"Field “{field}” {'archived' if is_archived else 'back again'}"
    record("records.field_archived", field, by=by, summary=words, request=request)

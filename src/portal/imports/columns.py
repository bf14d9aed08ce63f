"""What a column can hold, guessed from its name, and one row read by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from kit.refused import Refused
from portal.people import charge
from portal.people.forms import ProfileForm
from portal.people.models import Client, Company, Staff
from portal.records.fields import read_value
from portal.records.models import CustomField
from portal.records.tags import NAME_LENGTH
from tenants.agencies.current import current_agency

TARGETS = {
    "": "Leave it out",
    "email": "E-mail",
    "name": "Name",
    "first": "First name",
    "last": "Last name",
    "company": "Company",
    "phone": "Phone",
    "tags": "Tags",
    "lead": "Lead (name or e-mail of staff)",
    "language": "Language",
    "zone": "Time zone",
    "marketing": "Wants marketing (yes or no)",
    "until": "Last day of access",
}
# Beginnings of columns' names in English, German, French and Spanish.
_NAMES = {
    "email": ("e-mail", "email", "mail", "correo", "courriel"),
    "first": ("first", "vorname", "given", "prénom", "prenom"),
    "last": ("last name", "lastname", "surname", "nachname", "family", "apellido"),
    "company": ("company", "organisation", "organization", "firma", "unternehmen", "empresa", "société"),
    "phone": ("phone", "mobile", "telefon", "tel", "teléfono", "téléphone"),
    "tags": ("tag", "label", "schlagw"),
    "lead": ("lead", "owner", "account manager", "betreuer"),
    "language": ("language", "sprache", "langue", "idioma"),
    "zone": ("time zone", "timezone", "zone", "zeitzone"),
    "marketing": ("marketing", "newsletter"),
    "until": ("access until", "last day"),
    "name": ("name", "full name", "client", "kunde", "nombre", "nom", "contact"),
}
LENGTHS = {"name": 120, "company": 160}


@dataclass
class ReadRow:
    """A row as it would be brought in, and what is wrong with it by column ("" for the row)."""

    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[int, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sight:
    """Whom a member of staff sees who does not see everybody: lower-case addresses, and names of companies."""

    name: str
    emails: frozenset[str]
    companies: frozenset[str]

    def holds(self, email: str, company: str) -> bool:
        """Whether a client with this address, of this company, would be seen."""
        return (
            email.strip().casefold() in self.emails or " ".join(company.split()).casefold() in self.companies
        )


@dataclass(frozen=True)
class Around:
    """What rows are read against, asked for once."""

    fields: Mapping[int, CustomField]
    staff: Mapping[str, int]
    sights: Mapping[int, "Sight"]  # of staff who see chosen clients only
    languages: Mapping[str, str]
    today: date


def around() -> Around:
    """The agency's fields, staff and day."""
    people = Staff.objects.filter(is_active=True)
    staff = {name.casefold(): one.pk for one in people for name in (one.name, one.email) if name}
    languages = {word.casefold(): code for code, name in settings.LANGUAGES for word in (code, str(name))}
    fields = {one.pk: one for one in CustomField.objects.active()}
    sights = {one.pk: _sight(one) for one in people if one.is_limited}
    return Around(fields, staff, sights, languages, current_agency().today())


def _sight(staff: Staff) -> Sight:
    emails = Client.objects.served_by(staff).values_list("email", flat=True)
    names = Company.objects.served_by(staff).values_list("name", flat=True)
    return Sight(str(staff), *(frozenset(word.casefold() for word in words) for words in (emails, names)))


def targets() -> dict[str, str]:
    """Everything that a column can hold, the agency's own fields too."""
    return TARGETS | {f"field_{one.pk}": one.name for one in CustomField.objects.active()}


def guess(head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """What the columns hold, by their names; an address is recognised by what is in it, too."""
    own = {one.name.casefold(): f"field_{one.pk}" for one in CustomField.objects.active()}
    found: dict[str, str] = {}
    for number, name in enumerate(head):
        word = name.casefold().strip()
        target = own.get(word) or next((key for key, words in _NAMES.items() if word.startswith(words)), "")
        if not target and sum("@" in row[number] for row in rows[:20] if number < len(row)) > 10:
            target = "email"
        if target and target not in found.values():
            found[str(number)] = target
    return found


def read_row(cells: Sequence[str], width: int, mapping: Mapping[str, str], known: Around) -> ReadRow:
    """One row by its columns. Nothing is looked up in the database."""
    row = ReadRow()
    if len(cells) > width:
        row.problems[""] = f"{len(cells)} cells where the first row has {width}: is a quotation mark missing?"
        return row
    names: dict[str, str] = {}
    for number, target in mapping.items():
        text = cells[int(number)] if int(number) < len(cells) else ""
        try:
            if target in ("first", "last", "name"):
                names[target] = text
            elif target.startswith("field_"):
                if text and (one := known.fields.get(int(target[6:]))):
                    read_value(one, text)
                    row.custom[one.pk] = text
            elif text or target == "email":
                row.values[target] = _READERS[target](text, known)
        except Refused as refusal:
            row.problems[number] = refusal.words
    full = names.get("name") or f"{names.get('first', '')} {names.get('last', '')}".strip()
    row.values["name"] = full
    _check_lead(row, mapping, known)
    if len(full) > LENGTHS["name"]:
        row.problems[""] = f"A name has at most {LENGTHS['name']} letters."
    return row


def _email(text: str, known: Around) -> str:
    if not text:
        raise Refused("The e-mail address is missing.")
    try:
        validate_email(text)
    except ValidationError as error:
        raise Refused(f"“{text[:60]}” is no e-mail address.") from error
    if len(text) > 254:
        raise Refused("This e-mail address is too long.")
    return text


def _phone(text: str, known: Around) -> str:
    form = ProfileForm.__new__(ProfileForm)
    form.cleaned_data = {"phone": text}
    try:
        return form.clean_phone()
    except ValidationError as error:
        raise Refused(error.messages[0]) from error


def _company(text: str, known: Around) -> str:
    if len(text) > LENGTHS["company"]:
        raise Refused(f"A company’s name has at most {LENGTHS['company']} letters.")
    return text


def _tags(text: str, known: Around) -> list[str]:
    words = [" ".join(word.split()) for word in text.replace(";", ",").split(",") if word.strip()]
    if any(len(word) > NAME_LENGTH for word in words) or len(words) > 20:
        raise Refused(f"At most 20 tags of {NAME_LENGTH} letters, with commas between them.")
    return words


def _lead(text: str, known: Around) -> int:
    found = known.staff.get(text.casefold())
    if found is None:
        raise Refused(f"Nobody of your staff is called “{text[:60]}”.")
    return found


def _check_lead(row: ReadRow, mapping: Mapping[str, str], known: Around) -> None:
    """As portal.people.charge has it, for clients who are not there yet."""
    sight = known.sights.get(row.values.get("lead", 0))
    if sight and not sight.holds(str(row.values.get("email", "")), str(row.values.get("company", ""))):
        column = next(number for number, target in mapping.items() if target == "lead")
        row.problems[column] = charge.unseen(sight.name, "this client", "company")


def _language(text: str, known: Around) -> str:
    found = known.languages.get(text.casefold())
    if found is None:
        codes = ", ".join(sorted(set(known.languages.values())))
        raise Refused(f"“{text[:40]}” is none of our languages: {codes[:80]}.")
    return found


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(text: str, known: Around) -> str:
    if text not in _zones():
        raise Refused(f"“{text[:60]}” is no time zone. Write it like Europe/Berlin.")
    return text


def _marketing(text: str, known: Around) -> bool:
    return bool(read_value(CustomField(name="Marketing", kind=CustomField.Kind.YES_NO), text))


def _until(text: str, known: Around) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"“{text[:40]}” is no date. Write it like 2026-11-30.") from error
    if day < known.today:
        raise Refused("This last day of access is over.")
    return day.isoformat()


_READERS = {
    "email": _email,
    "company": _company,
    "phone": _phone,
    "tags": _tags,
    "lead": _lead,
    "language": _language,
    "zone": _zone,
    "marketing": _marketing,
    "until": _until,
}

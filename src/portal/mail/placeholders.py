"""Which words a mail can fill in, and their values. Names are flat: there is no way from one into an object."""

from collections.abc import Mapping
from typing import Any

from portal.module import Email, Kind, Placeholder

EVERYWHERE: Mapping[str, Placeholder] = {
    "portal_name": Placeholder("What your portal is called"),
    "agency_name": Placeholder("The name of your agency"),
    "first_name": Placeholder("First name of who gets the mail"),
    "person_name": Placeholder("Whole name of who gets the mail"),
    "person_email": Placeholder("Address of who gets the mail"),
}
# Their values open doors. Subjects are kept in the log of mails and shown on lock screens.
BODY_ONLY = (Kind.LINK, Kind.CODE, Kind.ITEMS)


def known_to(email: Email) -> dict[str, Placeholder]:
    """Every placeholder that the words of this mail may hold."""
    return {**email.placeholders, **EVERYWHERE}


def needed_by(email: Email) -> list[str]:
    """Placeholders without which the mail would be of no use, e.g. the link that signs in."""
    return [name for name, placeholder in email.placeholders.items() if placeholder.needed]


def link_of(email: Email) -> str:
    """The placeholder of the mail's own link; "" where it leads nowhere."""
    return next((name for name, one in email.placeholders.items() if one.kind is Kind.LINK), "")


def values_for(
    email: Email, words: Mapping[str, Any], *, agency_name: str, portal_name: str
) -> dict[str, Any]:
    """The value of each placeholder of the mail; what is not known is empty.

    Args:
        words: what was stored with the message and prepared at sending; `person` is who gets it.
    """
    everywhere = {"portal_name": portal_name, "agency_name": agency_name, **_person(words.get("person"))}
    found = {**words, **(email.derive(words) if email.derive else {}), **everywhere}
    return {name: found.get(name, "") for name in known_to(email)}


def _person(person: Any) -> dict[str, str]:
    def ask(name: str) -> str:
        found = person.get(name) if isinstance(person, Mapping) else getattr(person, name, "")
        return str(found or "")

    name = ask("shown_name") or ask("name")
    first = ask("first_name") or name.partition(" ")[0]
    return {"first_name": first, "person_name": name, "person_email": ask("email")}

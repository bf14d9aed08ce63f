"""What is known of a client and an event: for conditions as it is, for words as people read it."""

from datetime import date
from typing import Any

from django.utils.formats import date_format

from portal.module import Happening, Offer, Trigger, ValueKind
from portal.people.models import Client, Company
from portal.people.workflows import has_been_here
from tenants.agencies.current import current_agency

OF_CLIENTS = [
    Offer("first_name", "the client's first name"),
    Offer("client", "the client's name"),
    Offer("company", "the company"),
    Offer("email", "the client's address"),
    Offer("agency", "your agency's name"),
    Offer("has_signed_in", "the client has signed in before", ValueKind.YES),
]
LINK = "link"  # only in mails: it is made when they leave


def offers_of(trigger: Trigger | None) -> dict[str, Offer]:
    """Everything that conditions may ask after a trigger, by key."""
    found = [*(trigger.offers if trigger else ()), *OF_CLIENTS]
    return {offer.key: offer for offer in found}


def placeholders_of(trigger: Trigger | None) -> dict[str, str]:
    """What words may print, with its meaning; questions have no words."""
    return {key: offer.label for key, offer in offers_of(trigger).items() if offer.kind != ValueKind.YES}


def raw_values(client: Client, happening: Happening) -> dict[str, Any]:
    """As it is."""
    owner = happening.owner
    company = owner if isinstance(owner, Company) else client.companies.order_by("pk").first()
    return {
        **happening.values,
        "first_name": client.first_name,
        "client": client.shown_name,
        "company": str(company or ""),
        "email": client.email,
        "agency": current_agency().name,
        "has_signed_in": has_been_here(client),
    }


def shown_values(values: dict[str, Any], offers: dict[str, Offer]) -> dict[str, str]:
    """As people read it."""
    return {key: _shown(value, offers.get(key)) for key, value in values.items()}


def _shown(value: Any, offer: Offer | None) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if offer and offer.kind == ValueKind.CHOICE and offer.choices:
        return str(dict(offer.choices()).get(value, value))
    return str(value)

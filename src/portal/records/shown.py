"""What the pages of clients and companies in the console show of their records."""

from collections.abc import Mapping
from typing import Any

from portal.http import Request
from portal.people.models import Client, Company
from portal.records.asking import asked
from portal.records.fields import fields_of, shown_values
from portal.records.models import Tag
from portal.records.timeline import entries_of_company, happening

LATEST = 5


def panel(request: Request, client: Client) -> Mapping[str, Any]:
    """Tags, own fields, what it asked for, and the notes."""
    have = list(client.tags.all())
    return {
        "tags": have,
        "other_tags": [tag for tag in Tag.objects.all() if tag not in have],
        "values": shown_values(client),
        "notes": list(client.notes.select_related("written_by")),
        "asked": asked(client),
        "client": client,
    }


def company_panel(request: Request, company: Company) -> Mapping[str, Any]:
    """Own fields, and what happened to the company itself."""
    entries = entries_of_company(company)[: LATEST + 1]
    return {
        "company": company,
        "has_fields": fields_of(company).exists(),
        "values": shown_values(company),
        "happenings": [happening(entry) for entry in entries[:LATEST]],
        "is_longer": len(entries) > LATEST,
    }
